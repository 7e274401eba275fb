import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

/** A host that nobody invited: sends to a port of a loopback address, and hears what is sent back. */
export interface Stranger {
  readonly address: { address: string; port: number }
  send(datagram: Buffer): void
  /** Everything that came back until now. */
  replies(): Promise<Buffer[]>
}

export async function openStranger(port: number, address = '127.0.0.1'): Promise<Stranger> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  onTestFinished(() => void socket.close())
  socket.bind(0, address)
  await once(socket, 'listening')
  const own = socket.address()
  const heard: Buffer[] = []
  let onMark = (): void => {}
  socket.on('message', (datagram, from) => {
    if (from.port === own.port) onMark()
    else heard.push(datagram)
  })
  return {
    address: own,
    send: (datagram) => socket.send(datagram, port, address),
    replies: async () => {
      // A datagram to itself queues behind every answer that is already here.
      await new Promise<void>((resolve) => {
        onMark = resolve
        socket.send('mark', own.port, own.address)
      })
      return heard
    },
  }
}
