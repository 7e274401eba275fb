import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Writable } from 'node:stream'
import type { Limits } from '../../config/limits.js'
import { AppError } from '../../errors.js'
import { createNetworkCount, type NetworkCount } from '../../lib/network-count.js'
import type { Clients } from './clients.js'

/** A connection above the limit has this long to send its request and get a 503. */
const REJECT_TIMEOUT_MS = 1000
/** Further connections above the limit are closed without an answer. */
const MAX_REJECTING = 64

/** The TCP connections of all ports. */
export interface ConnectionCount {
  /** @param isProxy a trusted one. @returns the error if a limit is reached, otherwise a slot to dispose of. */
  open(address: string, isProxy?: boolean): AppError | Disposable
  /** The same for a request through a trusted proxy, which counts as a connection of its client. */
  openRequest(address: string): AppError | Disposable
}

export function createConnectionCount(limits: () => Limits): ConnectionCount {
  const count = createNetworkCount(() => ({
    all: limits().maxConnections,
    perNetwork: limits().maxConnectionsPerAddress,
  }))
  const requests = createNetworkCount(() => ({
    all: Infinity,
    perNetwork: limits().maxConnectionsPerAddress,
  }))
  const errorOr = (slot: ReturnType<NetworkCount['open']>): AppError | Disposable => {
    if (slot === 'all') return tooMany(`there are ${limits().maxConnections} connections`)
    if (slot === 'network')
      return tooMany(`your address has ${limits().maxConnectionsPerAddress} connections`)
    return slot
  }
  return {
    open: (address, isProxy) => errorOr(count.open(address, isProxy)),
    openRequest: (address) => errorOr(requests.open(address)),
  }
}

const tooMany = (sentence: string): AppError =>
  new AppError('too-many-connections', 503, `${sentence}, which is the maximum; try again later`, 5)

export interface Connections {
  /**
   * Counts a request of a client behind a trusted proxy until `stream` closes.
   * @returns the error if its connection or its client is above the limit.
   */
  admit(request: IncomingMessage, stream: Writable): AppError | undefined
  /** Includes connections that Node no longer tracks but waits for: during a TLS handshake or an upgrade. */
  destroyAll(): void
}

/** Applies the limits on connections, timeouts and header size to one server. */
export function limitConnections(
  server: Server,
  count: ConnectionCount,
  clients: Clients,
  limits: () => Limits,
): Connections {
  const connections = new Set<Socket>()
  const errors = new Map<string, AppError>()
  const applyLimits = (): void => {
    const { headerTimeoutMs, requestTimeoutMs, maxHeaderBytes } = limits()
    server.headersTimeout = headerTimeoutMs
    server.requestTimeout = Math.max(headerTimeoutMs, requestTimeoutMs)
    server.timeout = 2 * requestTimeoutMs // for a response that the client does not read; a slow request gets 408 before
    Object.assign(server, { maxHeaderSize: maxHeaderBytes })
  }
  applyLimits()
  // Prepended: Node's own listener copies the values.
  server.prependListener('connection', (connection: Socket) => {
    applyLimits()
    if (connections.has(connection)) return // Node gets it again without an upgrade
    connections.add(connection)
    const { remoteAddress = '' } = connection
    const slot = count.open(remoteAddress, clients.isProxy(remoteAddress))
    const key = keyOf(connection)
    connection.once('close', () => connections.delete(connection))
    if (!(slot instanceof AppError)) {
      connection.once('close', () => slot[Symbol.dispose]())
      return
    }
    errors.set(key, slot)
    const timeout = setTimeout(
      () => connection.destroy(),
      errors.size > MAX_REJECTING ? 0 : REJECT_TIMEOUT_MS,
    )
    connection.once('close', () => {
      clearTimeout(timeout)
      errors.delete(key)
    })
  })
  return {
    admit: (request, stream) => {
      const error = errors.get(keyOf(request.socket))
      if (error !== undefined || !clients.isProxy(request.socket.remoteAddress ?? '')) return error
      const slot = count.openRequest(clients.of(request).address)
      if (slot instanceof AppError) return slot
      stream.once('close', () => slot[Symbol.dispose]())
      return undefined
    },
    destroyAll: () => {
      for (const connection of connections) connection.destroy()
    },
  }
}

/** A TLS socket and the TCP socket below it have the same key. */
const keyOf = ({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string =>
  `${remoteAddress ?? ''} ${remotePort ?? ''}`
