import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type ServerOptions } from 'ws'
import type { Limits } from '../../config/limits.js'
import { queryValue } from '../../lib/query.js'
import { reachedAddresses } from '../../lib/reached-addresses.js'
import type { SignallingSocket } from '../../signalling/websocket.js'
import type { AccessControl } from '../auth/access-control.js'
import type { Clients } from '../connection/clients.js'
import { endWithError, endWithNotFound } from '../connection/error-response.js'
import { closeIfSilent, expectPongs, startPings } from './heartbeat.js'
import { closeForAbuse, signallingSocket, type SignallingSocketOptions } from './signalling-socket.js'
import { watchUnfinished } from './unfinished.js'

/** Clients send a message in one frame, or in pieces of 4 kB (Go). `ws` would keep 16,384 of them, each with its own Buffer. */
const MAX_FRAGMENTS = 64
/** Reads from the network per frame: 128 kB arrive in 90 packets of 1448 bytes, or 250 of 536. */
const MAX_BUFFERED_CHUNKS = 256
/** Time for the client to answer a close frame. */
const CLOSE_TIMEOUT_MS = 1000

export interface WebSocketOptions extends SignallingSocketOptions {
  access: AccessControl
  clients: Clients
  /**
   * Selects the handler of a path; undefined for a path without WebSockets.
   * @param parameter a parameter of the query by its name.
   */
  socketFor: (
    path: string,
    parameter: (name: string) => string | undefined,
  ) => ((socket: SignallingSocket) => void) | undefined
}

/** The WebSockets of one port. */
export interface WebSockets extends Disposable {
  /** The only way to a WebSocket: checks the permission, then completes or rejects the handshake. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void>
  /** Sends a close frame to every socket and terminates it without waiting for the answer. */
  closeAll(code: number, reason: string): void
}

const serverOptions: ServerOptions & { closeTimeout: number } = {
  noServer: true,
  perMessageDeflate: false,
  maxFragments: MAX_FRAGMENTS,
  maxBufferedChunks: MAX_BUFFERED_CHUNKS,
  closeTimeout: CLOSE_TIMEOUT_MS,
}

export function createWebSockets(options: WebSocketOptions): WebSockets {
  const { access, clients, socketFor, limits, messageLimits } = options
  const server = new WebSocketServer(serverOptions)
  const pings = startPings(server)

  const upgrade = async (request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void> => {
    const url = request.url ?? '/'
    const [path = '/'] = url.split('?', 1)
    const parameter = (name: string): string | undefined => queryValue(url, name)
    const { authorization, cookie, origin, host } = request.headers
    const { address, forwardedHosts } = clients.of(request)
    const decision = await access.decide({
      method: request.method ?? '',
      permission: 'watch',
      isWebSocket: true,
      token: parameter('token'),
      authorization,
      cookie,
      origin,
      host,
      forwardedHosts,
      address,
    })
    if (!decision.allowed) return endWithError(stream, decision)
    if (decision.role === undefined) throw new Error('a WebSocket was allowed without a role')
    const serve = socketFor(path, parameter)
    if (serve === undefined) return endWithNotFound(stream)
    if (stream.destroyed) return // during the access check
    const slot = messageLimits.websockets.open(address)
    if (typeof slot === 'string') return endWithError(stream, tooManyWebSockets(limits()))
    stream.once('close', () => slot[Symbol.dispose]())
    server.options.maxPayload = limits().maxMessageBytes
    server.handleUpgrade(request, stream, head, (socket) => {
      closeIfSilent(socket, limits().websocketIdleTimeoutMs)
      const { unfinished } = messageLimits
      const watching = watchUnfinished(stream, address, { unfinished, limits }, (reason) =>
        closeForAbuse(socket, reason),
      )
      // `ws` discards what follows a frame that it rejects.
      for (const event of ['error', 'close']) socket.once(event, () => watching[Symbol.dispose]())
      expectPongs(socket)
      const reachedAt = reachedAddresses([...forwardedHosts, host], request.socket)
      serve(signallingSocket(socket, { address, reachedAt }, options))
    })
  }

  return {
    upgrade,
    closeAll: (code, reason) => {
      for (const socket of server.clients) {
        socket.close(code, reason)
        socket.terminate()
      }
    },
    [Symbol.dispose]: () => pings[Symbol.dispose](),
  }
}

const tooManyWebSockets = ({ maxWebsocketsPerAddress: max }: Limits) => ({
  status: 503,
  code: 'too-many-websockets',
  message: `your address has ${max} WebSockets, which is the maximum; try again later`,
  headers: { 'Retry-After': '5' },
})
