import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** What comes back is kept up to here: an answer's head and its body, not a stream. */
const MOST_HEARD_CHARS = 64 * 1024
const PING = 9
const PONG = 10

/** A TCP connection for what no HTTP client would send. Errors close it, and are not reported otherwise. */
export interface RawConnection {
  readonly socket: Socket
  /** Everything that came back, as latin1; its beginning where it is long. */
  heard(): string
  isClosed(): boolean
  readonly closed: Promise<void>
  send(bytes: Buffer | string): void
  /** Resolves when what came back matches, and when the connection is closed. */
  hears(pattern: RegExp): Promise<void>
}

/** @param from the loopback address that it comes from. @throws Error when the connection is refused. */
export async function openRaw(port: number, from = '127.0.0.1'): Promise<RawConnection> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from })
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  let heard = ''
  let onHeard = (): void => {}
  socket.on('data', (piece: Buffer) => {
    if (heard.length < MOST_HEARD_CHARS) heard += piece.toString('latin1')
    onHeard()
  })
  await once(socket, 'connect')
  socket.on('error', () => {})
  return {
    socket,
    heard: () => heard,
    isClosed: () => socket.destroyed,
    closed,
    send: (bytes) => {
      if (socket.writable) socket.write(bytes)
    },
    hears: async (pattern) => {
      const matched = new Promise<void>((resolve) => {
        const check = (): void => {
          if (pattern.test(heard)) resolve()
        }
        onHeard = check
        check()
      })
      await Promise.race([matched, closed])
    },
  }
}

/** The head of a WebSocket's opening handshake (RFC 6455 section 4.1), or of one that is a little wrong. */
export function handshake(
  path: string,
  { method = 'GET', headers = [] }: { method?: string; headers?: string[] } = {},
): string {
  const own = headers.map((header) => header.slice(0, header.indexOf(':')).toLowerCase())
  const usual = [
    'Host: 127.0.0.1',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
  ].filter((header) => !own.includes(header.slice(0, header.indexOf(':')).toLowerCase()))
  const lines = [...usual, ...headers].map((header) => `${header}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`
}

export interface RawWebSocket extends RawConnection {
  /** 101, or the status that refused it; 0 where the connection was closed without one. */
  readonly status: number
  /** Given each message that came, as text. */
  onMessage: (text: string) => void
}

/** A WebSocket written by hand that answers pings, as long as it is not within a frame of its own. */
export async function openRawWebSocket(port: number, path: string, from?: string): Promise<RawWebSocket> {
  const connection = await openRaw(port, from)
  connection.send(handshake(path))
  await connection.hears(/\r\n\r\n/)
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(connection.heard())?.[1] ?? 0)
  const opened: RawWebSocket = Object.assign(connection, { status, onMessage: () => {} })
  if (status !== 101) return opened
  const head = connection.heard()
  let unread = Buffer.from(head.slice(head.indexOf('\r\n\r\n') + 4), 'latin1')
  connection.socket.on('data', (piece: Buffer) => {
    unread = Buffer.concat([unread, piece])
    for (let frame = readServerFrame(unread); frame !== undefined; frame = readServerFrame(unread)) {
      unread = unread.subarray(frame.bytes)
      if (frame.opcode === PING) connection.send(clientFrame(frame.payload, { opcode: PONG }))
      else if (frame.opcode < 8) opened.onMessage(frame.payload.toString())
    }
  })
  return opened
}

/** RFC 6455 section 5.2. A server does not mask. */
function readServerFrame(bytes: Buffer): { opcode: number; payload: Buffer; bytes: number } | undefined {
  if (bytes.length < 2) return undefined
  const short = bytes[1]! & 0x7f
  const at = short === 127 ? 10 : short === 126 ? 4 : 2
  if (bytes.length < at) return undefined
  const length = at === 10 ? Number(bytes.readBigUInt64BE(2)) : at === 4 ? bytes.readUInt16BE(2) : short
  if (bytes.length < at + length) return undefined
  return { opcode: bytes[0]! & 0x0f, payload: bytes.subarray(at, at + length), bytes: at + length }
}

export interface FrameFields {
  /** 1: text, unless told; 0: a continuation. */
  opcode?: number
  /** Whether the message ends with this frame. */
  fin?: boolean
}

/** The head of a client's frame with a payload of so many bytes, masked with zeros: the payload follows as it is. */
export function clientFrameHead(length: number, { opcode = 1, fin = true }: FrameFields = {}): Buffer {
  const extended = length < 126 ? 0 : length < 0x10000 ? 2 : 8
  const head = Buffer.alloc(2 + extended + 4)
  head[0] = (fin ? 0x80 : 0) | opcode
  head[1] = 0x80 | (extended === 0 ? length : extended === 2 ? 126 : 127)
  if (extended === 2) head.writeUInt16BE(length, 2)
  if (extended === 8) head.writeBigUInt64BE(BigInt(length), 2)
  return head
}

export const clientFrame = (payload: Buffer | string, fields?: FrameFields): Buffer => {
  const bytes = Buffer.from(payload)
  return Buffer.concat([clientFrameHead(bytes.length, fields), bytes])
}
