import type { Socket } from 'node:dgram'

interface Handle {
  readonly fd?: number
  recvStart?: () => unknown
  recvStop?: () => unknown
}

/**
 * The undocumented handle below `node:dgram`, whose file descriptor is documented nowhere.
 * @returns a function whose result is negative once the socket is closed; undefined if this version of Node.js differs.
 */
export function fdOf(socket: Socket): (() => number) | undefined {
  const handle = handleOf(socket)
  if (handle === undefined || !isFd(handle.fd)) return undefined
  return () => handle.fd ?? -1
}

/** Whether datagrams wake the event loop. */
export interface SocketEvents {
  stop(): void
  start(): void
}

/** @returns undefined if this version of Node.js differs. */
export function eventsOf(socket: Socket): SocketEvents | undefined {
  const handle = handleOf(socket)
  if (typeof handle?.recvStart !== 'function' || typeof handle.recvStop !== 'function') return undefined
  return {
    stop: () => {
      if (isFd(handle.fd)) handle.recvStop!()
    },
    start: () => {
      if (isFd(handle.fd)) handle.recvStart!()
    },
  }
}

function handleOf(socket: Socket): Handle | undefined {
  const symbol = Object.getOwnPropertySymbols(socket).find(
    ({ description }) => description === 'state symbol',
  )
  const state = symbol && (socket as unknown as Record<symbol, { handle?: Handle } | undefined>)[symbol]
  return state?.handle
}

const isFd = (fd: unknown): fd is number => Number.isInteger(fd) && (fd as number) >= 0
