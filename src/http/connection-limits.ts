import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Limits } from '../config/limits.js'
import { AppError } from '../errors.js'
import { createNetworkCount } from '../lib/network-count.js'

/** How long one that is too many may take to be told so, and how many are told at the same time; the rest is just closed. */
const TELL_LIMIT_MS = 1000
const MAX_TOLD = 64

/** The TCP connections of every port together. */
export interface ConnectionCount {
  /** @returns why it is one too many, or what gives its place back. */
  open(address: string): AppError | Disposable
}

export function createConnectionCount(limits: () => Limits): ConnectionCount {
  const count = createNetworkCount(() => ({
    all: limits().maxConnections,
    perNetwork: limits().maxConnectionsPerAddress,
  }))
  return {
    open: (address) => {
      const place = count.open(address)
      if (place === 'all') return tooMany(`there are ${limits().maxConnections} connections`)
      if (place === 'network')
        return tooMany(`your address has ${limits().maxConnectionsPerAddress} connections`)
      return place
    },
  }
}

const tooMany = (sentence: string): AppError =>
  new AppError('too-many-connections', 503, `${sentence}, which is the maximum; try again later`, 5)

export interface Connections {
  /** Why a request is answered with nothing else, where its connection is one too many. */
  refusalOf(socket: Pick<Socket, 'remoteAddress' | 'remotePort'>): AppError | undefined
  /** Node loses sight of some while they still keep it from closing: in the middle of a TLS handshake, or of an upgrade. */
  destroyAll(): void
}

/** Holds the connections of one server to the limits: how many there are, how long they may take to ask, how much they say. */
export function limitConnections(server: Server, count: ConnectionCount, limits: () => Limits): Connections {
  const connections = new Set<Socket>()
  const refusals = new Map<string, AppError>()
  const setTimeouts = (): void => {
    const { headerTimeoutMs, requestTimeoutMs, maxHeaderBytes } = limits()
    server.headersTimeout = headerTimeoutMs
    server.requestTimeout = Math.max(headerTimeoutMs, requestTimeoutMs)
    server.timeout = 2 * requestTimeoutMs // for an answer that nobody takes; a request is told before
    Object.assign(server, { maxHeaderSize: maxHeaderBytes }) // of the connections from now on
  }
  setTimeouts()
  // Before Node's own listener, which takes the values that are there.
  server.prependListener('connection', (connection: Socket) => {
    setTimeouts()
    connections.add(connection)
    const place = count.open(connection.remoteAddress ?? '')
    const key = keyOf(connection)
    connection.once('close', () => connections.delete(connection))
    if (!(place instanceof AppError)) {
      connection.once('close', () => place[Symbol.dispose]())
      return
    }
    refusals.set(key, place)
    const told = setTimeout(() => connection.destroy(), refusals.size > MAX_TOLD ? 0 : TELL_LIMIT_MS)
    connection.once('close', () => {
      clearTimeout(told)
      refusals.delete(key)
    })
  })
  return {
    refusalOf: (socket) => refusals.get(keyOf(socket)),
    destroyAll: () => {
      for (const connection of connections) connection.destroy()
    },
  }
}

/** The same for a TLS socket and the one it came over. */
const keyOf = ({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string =>
  `${remoteAddress ?? ''} ${remotePort ?? ''}`
