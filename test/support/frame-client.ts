import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** The client's end of a TCP connection with packets in RFC 4571 frames, which it may also damage. */
export interface FrameClient {
  readonly socket: Socket
  readonly closed: Promise<void>
  isClosed(): boolean
  /** One packet in one frame. */
  send(packet: Buffer): void
  /** Bytes as they are. */
  sendBytes(bytes: Buffer): void
  /** Stops and continues to read, as a stalled client does. */
  pause(): void
  resume(): void
}

export const frame = (packet: Buffer): Buffer => {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(packet.length)
  return Buffer.concat([length, packet])
}

export async function openFrames(
  port: number,
  onPacket: (packet: Buffer) => void = () => {},
  { address = '127.0.0.1', from }: { address?: string; from?: string | undefined } = {},
): Promise<FrameClient> {
  const socket = connect({ port, host: address, noDelay: true, ...(from && { localAddress: from }) })
  let isClosed = false
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => {
      isClosed = true
      resolve()
    })
  })
  let unread = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    unread = Buffer.concat([unread, chunk])
    while (unread.length >= 2 && unread.length >= 2 + unread.readUInt16BE()) {
      const end = 2 + unread.readUInt16BE()
      const packet = unread.subarray(2, end)
      unread = unread.subarray(end)
      onPacket(packet)
    }
  })
  await once(socket, 'connect')
  socket.on('error', () => {}) // a reset; 'close' follows
  const sendBytes = (bytes: Buffer): void => {
    if (socket.writable) socket.write(bytes)
  }
  return {
    socket,
    closed,
    isClosed: () => isClosed,
    send: (packet) => sendBytes(frame(packet)),
    sendBytes,
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
  }
}
