import type { Socket } from 'node:dgram'

interface HandleWithFd {
  readonly fd?: number
}

/**
 * The undocumented handle below `node:dgram`, whose file descriptor is documented nowhere.
 * @returns a function whose result is negative once the socket is closed; undefined if this version of Node.js differs.
 */
export function fdOf(socket: Socket): (() => number) | undefined {
  const symbol = Object.getOwnPropertySymbols(socket).find(
    ({ description }) => description === 'state symbol',
  )
  const state = symbol && (socket as unknown as Record<symbol, { handle?: HandleWithFd } | undefined>)[symbol]
  const handle = state?.handle
  if (handle === undefined || !isFd(handle.fd)) return undefined
  return () => handle.fd ?? -1
}

const isFd = (fd: unknown): fd is number => Number.isInteger(fd) && (fd as number) >= 0
