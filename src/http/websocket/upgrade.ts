import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type ServerOptions, type WebSocket } from 'ws'
import type { Limits } from '../../config/limits.js'
import { queryValue } from '../../lib/query.js'
import { TokenBucket } from '../../lib/rate-limit.js'
import type { Log } from '../../log.js'
import { POLICY_VIOLATION, type SignallingSocket } from '../../signalling/websocket.js'
import type { AccessControl } from '../auth/access-control.js'
import type { MessageLimits } from './message-limits.js'
import { endWithResponse } from './raw-response.js'
import { watchUnfinished } from './unfinished.js'

/** A socket whose other end is gone without a word is found out by an unanswered ping. */
const PING_INTERVAL_MS = 15_000

/** A client that asks and asks and reads no answer is ended before its answers fill the memory. Joining takes some 10 kB. */
const MAX_UNSENT_BYTES = 64 * 1024

/** Clients send a message in one frame, or in pieces of 4 kB (Go); `ws` would keep 16,384 of them, each with its own Buffer. */
const MAX_FRAGMENTS = 64
/** Reads from the network that one frame may take: 128 kB come in 90 packets of 1448 bytes, or 250 of 536. */
const MAX_BUFFERED_CHUNKS = 256
const LEAST_COST_BYTES = 1024
/** Milliseconds for the other end to answer a close. */
const CLOSE_TIMEOUT_MS = 1000

export interface WebSocketOptions {
  access: AccessControl
  /**
   * What takes the WebSockets of a path; undefined where there is nothing for one.
   * @param parameter of the query, by its name.
   */
  socketFor: (
    path: string,
    parameter: (name: string) => string | undefined,
  ) => ((socket: SignallingSocket) => void) | undefined
  /** Asked whenever they are needed, for they may be set anew. */
  limits: () => Limits
  messageLimits: MessageLimits
  /** @throws AppError `too-many-offers`. */
  countOffer: (address: string) => void
  log: Log
}

/** The WebSockets of one port. */
export interface WebSockets extends Disposable {
  /** The one way to a WebSocket: answers the upgrade, or refuses a client that may not watch. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void>
  /** Tells every socket why, and ends it without waiting for an answer. */
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
  const { access, socketFor, limits, messageLimits, countOffer, log } = options
  const server = new WebSocketServer(serverOptions)
  const pings = setInterval(() => pingAll(server), PING_INTERVAL_MS)

  const upgrade = async (request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void> => {
    const url = request.url ?? '/'
    const [path = '/'] = url.split('?', 1)
    const parameter = (name: string): string | undefined => queryValue(url, name)
    const { authorization, cookie, origin, host } = request.headers
    const address = request.socket.remoteAddress ?? ''
    const verdict = await access.decide({
      method: request.method ?? '',
      permission: 'watch',
      isWebSocket: true,
      token: parameter('token'),
      authorization,
      cookie,
      origin,
      host,
      address,
    })
    if (!verdict.allowed) return endWithResponse(stream, verdict.status, verdict)
    if (verdict.role === undefined) throw new Error('a WebSocket was to open without a role')
    const serve = socketFor(path, parameter)
    if (serve === undefined) return endWithResponse(stream, 404)
    if (stream.destroyed) return // while its credentials were checked
    const place = messageLimits.websockets.open(address)
    if (typeof place === 'string') return endWithResponse(stream, 503, tooManyWebSockets(limits()))
    stream.once('close', () => place[Symbol.dispose]())
    server.options.maxPayload = limits().maxMessageBytes
    server.handleUpgrade(request, stream, head, (socket) => {
      endSilent(socket, limits().websocketIdleTimeoutMs)
      const { unfinished } = messageLimits
      const watching = watchUnfinished(stream, address, { unfinished, limits }, (reason) =>
        expel(socket, reason),
      )
      // What comes behind a frame that `ws` refuses is read and thrown away.
      for (const event of ['error', 'close']) socket.once(event, () => watching[Symbol.dispose]())
      serve(wrap(socket, address))
    })
  }

  const wrap = (socket: WebSocket, address: string): SignallingSocket => {
    answered.add(socket)
    socket.on('pong', () => answered.add(socket))
    socket.on('error', (error) => log.debug('a WebSocket ended with an error', { error: error.message }))
    const mayTake = createAllowance(limits, messageLimits, address)
    for (const event of ['ping', 'pong'])
      socket.on(event, () => {
        if (!mayTake(0)) expel(socket, 'pings come too fast')
      })
    return {
      address,
      countOffer: () => countOffer(address),
      send: (text) => {
        if (socket.readyState !== socket.OPEN) return
        if (socket.bufferedAmount > MAX_UNSENT_BYTES) socket.terminate()
        else socket.send(text)
      },
      close: (code, reason) => socket.close(code, reason),
      onMessage: (listener) =>
        socket.on('message', (data: Buffer) => {
          if (socket.readyState !== socket.OPEN) return
          if (mayTake(data.length)) listener(data.toString('utf8'))
          else expel(socket, 'messages come too fast')
        }),
      onClose: (listener) => socket.on('close', listener),
    }
  }

  return {
    upgrade,
    closeAll: (code, reason) => {
      for (const socket of server.clients) {
        socket.close(code, reason)
        socket.terminate()
      }
    },
    [Symbol.dispose]: () => clearInterval(pings),
  }
}

/**
 * Whether a message or a control frame may be taken: what one socket may send, and what its address may, is bounded in the
 * long run. The smallest one counts as a kilobyte, for its answer costs more than its bytes do.
 */
function createAllowance(
  limits: () => Limits,
  { rate }: MessageLimits,
  address: string,
): (bytes: number) => boolean {
  const ofSocket = () => {
    const { messageBytesPerSecond: perSecond, maxMessageBytes } = limits()
    return { perSecond, burst: 2 * maxMessageBytes }
  }
  const bucket = new TokenBucket(ofSocket(), performance.now())
  return (bytes) => {
    const cost = Math.max(bytes, LEAST_COST_BYTES)
    return bucket.consume(cost, ofSocket(), performance.now()) === 0 && rate.consume(address, cost) === 0
  }
}

/** Closes a socket that is too much to bear, and reads nothing more of it meanwhile. */
function expel(socket: WebSocket, reason: string): void {
  socket.close(POLICY_VIOLATION, reason)
  socket.pause()
}

const tooManyWebSockets = ({ maxWebsocketsPerAddress: most }: Limits) => ({
  code: 'too-many-websockets',
  message: `your address has ${most} WebSockets, which is the maximum; try again later`,
  headers: { 'Retry-After': '5' },
})

const answered = new WeakSet<WebSocket>()

/** Who opens a WebSocket has something to say; who says nothing holds it for nothing. */
function endSilent(socket: WebSocket, limitMs: number): void {
  const late = setTimeout(
    () => socket.close(POLICY_VIOLATION, `nothing was said for ${limitMs / 1000} seconds`),
    limitMs,
  )
  const isHeard = (): void => clearTimeout(late)
  socket.once('message', isHeard)
  socket.once('close', isHeard)
}

function pingAll(server: WebSocketServer): void {
  for (const socket of server.clients) {
    if (answered.delete(socket)) socket.ping()
    else socket.terminate()
  }
}
