import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { isBindingRequest } from '../../../src/lib/stun.js'

/** A transaction of the program lasts 39.5 s (RFC 8489 section 6.2.1). */
const OPEN_MS = 35_000

/** The STUN server of the target, which says nothing by itself. */
export interface StunServer {
  readonly uri: string
  /** The transaction id of a request that is not answered yet. */
  openTransaction(): Buffer | undefined
  /** The program may have taken a response: waits for its next request. */
  forget(): void
  /** To the media port, from the server's address. */
  send(datagram: Buffer): void
  close(): void
}

export async function openStunServer(): Promise<StunServer> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  let last: { id: Buffer; port: number; sinceMs: number } | undefined
  socket.on('message', (request, { port }) => {
    if (request.length < 20 || !isBindingRequest(request)) return
    const id = request.subarray(8, 20)
    if (last === undefined || !id.equals(last.id)) last = { id, port, sinceMs: performance.now() }
  })
  return {
    uri: `stun:127.0.0.1:${socket.address().port}`,
    openTransaction: () =>
      last !== undefined && performance.now() - last.sinceMs < OPEN_MS ? last.id : undefined,
    forget: () => {
      if (last !== undefined) last.sinceMs = -Infinity
    },
    send: (datagram) => {
      if (last !== undefined) socket.send(datagram, last.port, '127.0.0.1')
    },
    close: () => socket.close(),
  }
}
