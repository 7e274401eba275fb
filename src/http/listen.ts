import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import type { Hono } from 'hono'
import { once } from 'node:events'
import { ServerResponse, STATUS_CODES, type IncomingMessage, type Server } from 'node:http'
import { createServer as createTlsServer, Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Limits } from '../config.js'
import type { AppError } from '../errors.js'
import type { Log } from '../log.js'
import { GOING_AWAY, POLICY_VIOLATION, type SignallingSocket } from '../signalling/websocket.js'
import type { Access } from './access.js'
import type { Certificate } from './certificate.js'
import { limitConnections, type ConnectionCount, type Connections } from './connections.js'
import { messageOf } from '../lib/error-text.js'

/** A socket whose other end is gone without a word is found out by an unanswered ping. */
const PING_INTERVAL_MS = 15_000

/** How often Node looks for requests that take too long. */
const LOOK_EVERY_MS = 500

/** A client that asks and asks and reads no answer is ended before its answers fill the memory. */
const MAX_UNSENT_BYTES = 1024 * 1024

export interface ListenOptions {
  app: Hono
  /** Who may open a WebSocket; the routes of `app` ask for themselves. */
  access: Access
  /** With it the port speaks https and wss, and nothing else. */
  certificate: Certificate | undefined
  port: number
  address: string
  /** The key of the configuration that names the port, for the error when it is taken. */
  configKey: string
  /** What takes the WebSockets of a path and its query; undefined where there is nothing for one. */
  socketFor: (path: string, query: URLSearchParams) => ((socket: SignallingSocket) => void) | undefined
  /** Asked whenever they are needed, for they may be set anew. */
  limits: () => Limits
  /** Of every port together. */
  connectionCount: ConnectionCount
  /** @throws AppError `too-many-offers`. */
  countOffer: (address: string) => void
  log: Log
}

export interface Listener extends AsyncDisposable {
  readonly port: number
  /** Frees the port at once; connections that are there go on, and with the last of them everything is gone. */
  retire(): void
}

/**
 * HTTP and WebSocket on one port, or HTTPS and secure WebSocket.
 * @throws Error that names the key when the port cannot be bound.
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  const server = createServer(options, (socket) => connections.refusalOf(socket))
  const connections = limitConnections(server, options.connectionCount, options.limits)
  const renewals = options.certificate?.onRenewed((pem) => {
    if (server instanceof TlsServer) server.setSecureContext(pem)
  })
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
  })
  server.on('upgrade', (request, stream, head) => {
    stream.on('error', () => stream.destroy())
    if (isPlainRequest(request)) answerWithoutUpgrade(server, request)
    else
      upgrade(sockets, options, connections, request, stream, head).catch((error: unknown) => {
        stream.destroy()
        options.log.error('a WebSocket could not be opened', { error: String(error) })
      })
  })
  server.on('clientError', (error: NodeJS.ErrnoException, stream) => {
    if (!stream.writable) {
      stream.destroy()
      return
    }
    const [status, refusal] = complaintAbout(error.code, options.limits())
    endWith(stream, status, refusal)
  })
  // An answer cannot be read before the handshake is done: waiting for it to be taken would be for ever.
  server.on('tlsClientError', (_error, stream: Duplex) => stream.destroy())
  await bind(server, options)
  server.on('error', (error) =>
    options.log.error('the web server reports an error', { error: String(error) }),
  )
  const pings = setInterval(() => pingAll(sockets), PING_INTERVAL_MS)
  const closed = once(server, 'close').then(() => {
    clearInterval(pings)
    renewals?.[Symbol.dispose]()
  })
  return {
    port: (server.address() as AddressInfo).port,
    retire: () => void server.close(),
    async [Symbol.asyncDispose]() {
      clearInterval(pings)
      for (const socket of sockets.clients) socket.close(GOING_AWAY, 'the server is stopping')
      server.close()
      server.closeAllConnections()
      for (const socket of sockets.clients) socket.terminate()
      connections.destroyAll()
      await closed
    },
  }
}

function createServer(
  { app, certificate, limits }: ListenOptions,
  refusalOf: Connections['refusalOf'],
): Server {
  return createAdaptorServer({
    fetch: (request, env) => {
      const refusal = refusalOf((env as HttpBindings).incoming.socket)
      return refusal === undefined ? app.fetch(request, env) : answerOf(refusal)
    },
    ...(certificate && { createServer: createTlsServer }),
    serverOptions: {
      ...certificate?.pem(),
      connectionsCheckingInterval: LOOK_EVERY_MS,
      ...(certificate && { handshakeTimeout: limits().headerTimeoutMs }),
    },
  }) as Server
}

const answerOf = ({ code, message, status, retryAfterS }: AppError): Response =>
  Response.json(
    { error: code, message },
    { status, headers: { connection: 'close', 'retry-after': String(retryAfterS) } },
  )

async function bind(server: Server, { port, address, configKey }: ListenOptions): Promise<void> {
  try {
    server.listen(port, address)
    await once(server, 'listening')
  } catch (error) {
    throw new Error(bindProblem(error, configKey, port, address), { cause: error })
  }
}

/** What to do about a port or an address that cannot be bound. */
export function bindProblem(
  error: unknown,
  configKey: string,
  port: number,
  address: string,
  addressKey = 'server.bind-ip',
): string {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'EADDRINUSE')
    return `${configKey}: port ${port} is taken by another program; stop that one or set another port`
  if (code === 'EACCES') return `${configKey}: port ${port} needs root; set a port above 1023`
  if (code === 'EADDRNOTAVAIL')
    return `${addressKey}: ${address} is not an address of this machine; 0.0.0.0 takes them all`
  return `${configKey}: port ${port} on ${address} cannot be bound: ${messageOf(error)}`
}

/** The HTTP client of Java asks for HTTP/2 (h2c) with every request, and Node takes that for ours to answer. */
const isPlainRequest = ({ method, headers }: IncomingMessage): boolean =>
  (method === 'GET' || method === 'HEAD') && headers.upgrade?.toLowerCase() !== 'websocket'

/** RFC 9110 section 7.8: a server may ignore the upgrade and answer the request. */
function answerWithoutUpgrade(server: Server, request: IncomingMessage): void {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(request.socket)
  response.once('finish', () => request.socket.end(() => request.socket.destroy()))
  server.emit('request', request, response)
}

async function upgrade(
  sockets: WebSocketServer,
  { access, socketFor, limits, countOffer, log }: ListenOptions,
  connections: Connections,
  request: IncomingMessage,
  stream: Duplex,
  head: Buffer,
): Promise<void> {
  const tooMany = connections.refusalOf(request.socket)
  if (tooMany !== undefined) return endWith(stream, tooMany.status, tooMany)
  const [path = '/', query = ''] = (request.url ?? '/').split('?')
  const parameters = new URLSearchParams(query)
  const { authorization, cookie, origin, host } = request.headers
  const address = request.socket.remoteAddress ?? ''
  const verdict = await access.decide({
    method: request.method ?? '',
    permission: 'watch',
    isWebSocket: true,
    token: parameters.get('token') ?? undefined,
    authorization,
    cookie,
    origin,
    host,
    address,
  })
  if (!verdict.allowed) return endWith(stream, verdict.status, verdict)
  if (verdict.role === undefined) throw new Error('a WebSocket was let in without a role')
  const serve = socketFor(path, parameters)
  if (serve === undefined) return endWith(stream, 404)
  const { maxMessageBytes, silentWebsocketMs } = limits()
  sockets.options.maxPayload = maxMessageBytes
  sockets.handleUpgrade(request, stream, head, (socket) => {
    endSilent(socket, silentWebsocketMs)
    serve(wrap(socket, () => countOffer(address), log))
  })
}

/** The server no longer counts this connection among its own: left half open, it would keep the server from closing. */
function endWith(
  stream: Duplex,
  status: number,
  refusal?: { code: string; message: string; headers?: Record<string, string> },
): void {
  const body = refusal === undefined ? '' : JSON.stringify({ error: refusal.code, message: refusal.message })
  const headers = Object.entries({
    ...refusal?.headers,
    ...(refusal && { 'Content-Type': 'application/json' }),
    Connection: 'close',
    'Content-Length': Buffer.byteLength(body),
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  const text = `HTTP/1.1 ${status} ${STATUS_CODES[status]!}\r\n${headers.join('')}\r\n${body}`
  stream.end(text, () => stream.destroy())
}

/** What Node's parser found wrong with a request, or missed in it. */
function complaintAbout(
  code: string | undefined,
  { maxHeaderBytes }: Limits,
): [status: number, { code: string; message: string }] {
  if (code === 'HPE_HEADER_OVERFLOW')
    return [
      431,
      { code: 'headers-too-large', message: `the headers are longer than ${maxHeaderBytes} bytes` },
    ]
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return [408, { code: 'request-timeout', message: 'the request took too long to arrive' }]
  return [400, { code: 'bad-request', message: 'this is no HTTP request' }]
}

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

function wrap(socket: WebSocket, countOffer: () => void, log: Log): SignallingSocket {
  answered.add(socket)
  socket.on('pong', () => answered.add(socket))
  socket.on('error', (error) => log.debug('a WebSocket ended with an error', { error: error.message }))
  return {
    countOffer,
    send: (text) => {
      if (socket.readyState !== socket.OPEN) return
      if (socket.bufferedAmount > MAX_UNSENT_BYTES) socket.terminate()
      else socket.send(text)
    },
    close: (code, reason) => socket.close(code, reason),
    onMessage: (listener) => socket.on('message', (data: Buffer) => listener(data.toString('utf8'))),
    onClose: (listener) => socket.on('close', listener),
  }
}

function pingAll(sockets: WebSocketServer): void {
  for (const socket of sockets.clients) {
    if (answered.delete(socket)) socket.ping()
    else socket.terminate()
  }
}
