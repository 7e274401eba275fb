import type { Socket } from 'node:dgram'

/** @returns false while the datagram is queued: its memory must not be reused. */
export type UdpSend = (datagram: Buffer, port: number, address: string) => boolean

/** `direct` calls the handle below `node:dgram`, `documented` calls `Socket.send`. */
export type SendImplementation = 'direct' | 'documented'

/** The undocumented handle below `node:dgram`; findInside() checks its shape. */
interface UdpHandle {
  send(
    request: object,
    list: Buffer[],
    count: number,
    port: number,
    address: string,
    hasCallback: boolean,
  ): number
}

type Request = object & { list?: Buffer[] }

interface SocketInside {
  handle: UdpHandle
  Request: new () => Request
}

/** The kernel has no room. */
const QUEUED = 0

/**
 * Sends without the checks, the request object and the asynchronous scope of `Socket.send`, a fifth of a packet's cost. A failed send
 * is a lost packet. Falls back to `Socket.send` if this version of Node.js differs.
 * @param socket bound, with a `lookup` that answers at once.
 */
export const fastUdpSend = (socket: Socket): UdpSend => chooseSend(socket).sendNow

export function chooseSend(socket: Socket): { implementation: SendImplementation; sendNow: UdpSend } {
  const inside = findInside(socket)
  return inside === undefined
    ? { implementation: 'documented', sendNow: documentedSend(socket) }
    : { implementation: 'direct', sendNow: sendThrough(inside) }
}

function sendThrough({ handle, Request }: SocketInside): UdpSend {
  let request = new Request()
  let list: Buffer[] = []
  return (datagram, port, address) => {
    list[0] = datagram
    if (handle.send(request, list, 1, port, address, false) !== QUEUED) return true
    request.list = list // keeps the memory alive while queued
    request = new Request()
    list = []
    return false
  }
}

export const documentedSend =
  (socket: Socket): UdpSend =>
  (datagram, port, address) => {
    socket.send(datagram, port, address)
    return socket.getSendQueueCount() === 0
  }

/** Captures the arguments of a probe that is not sent, to get the request class. */
function findInside(socket: Socket): SocketInside | undefined {
  const symbol = Object.getOwnPropertySymbols(socket).find(
    ({ description }) => description === 'state symbol',
  )
  const state = symbol && (socket as unknown as Record<symbol, { handle?: UdpHandle } | undefined>)[symbol]
  const handle = state?.handle
  if (typeof handle?.send !== 'function' || handle.send.length !== 0) return undefined
  // An IPv6 handle has a `send` of its own, an IPv4 handle that of its class.
  const own = Object.getOwnPropertyDescriptor(handle, 'send')
  let seen: unknown[] = []
  const probe = Buffer.alloc(1)
  Object.defineProperty(handle, 'send', {
    configurable: true,
    value: (...call: unknown[]) => {
      seen = call
      return probe.length + 1 // the result of a datagram that was sent at once
    },
  })
  socket.send(probe, 1, '127.0.0.1')
  delete (handle as Partial<UdpHandle>).send
  if (own !== undefined) Object.defineProperty(handle, 'send', own)
  const [request, list, count, port, address, hasCallback] = seen
  const asExpected =
    seen.length === 6 &&
    (request as object | undefined)?.constructor.name === 'SendWrap' &&
    Array.isArray(list) &&
    list[0] === probe &&
    count === 1 &&
    port === 1 &&
    address === '127.0.0.1' &&
    hasCallback === false
  if (!asExpected) return undefined
  return { handle, Request: (request as object).constructor as new () => Request }
}
