import { getRequestListener, type HttpBindings } from '@hono/node-server'
import type { Hono } from 'hono'
import { once } from 'node:events'
import {
  createServer as createPlainServer,
  ServerResponse,
  type IncomingMessage,
  type Server,
} from 'node:http'
import { createServer as createTlsServer, Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Limits } from '../config/limits.js'
import type { AppError } from '../errors.js'
import { messageOf } from '../lib/error-message.js'
import { exhaustedError } from '../lib/exhausted.js'
import { GOING_AWAY } from '../signalling/websocket.js'
import type { Certificate } from './tls/certificate.js'
import { limitConnections, type ConnectionCount, type Connections } from './connection-limits.js'
import { limitRequests } from './pipelining.js'
import { endWithResponse } from './websocket/raw-response.js'
import { createWebSockets, type WebSocketOptions } from './websocket/upgrade.js'

/** How often Node looks for requests that take too long. */
const LOOK_EVERY_MS = 500

export interface ListenOptions extends WebSocketOptions {
  app: Hono
  /** With it the port speaks https and wss, and nothing else. */
  certificate: Certificate | undefined
  port: number
  address: string
  /** The key of the configuration that names the port, for the error when it is taken. */
  configKey: string
  /** Of every port together. */
  connectionCount: ConnectionCount
}

export interface Listener extends AsyncDisposable {
  readonly port: number
  /** Frees the port at once; open connections go on. Resolves when the last of them has closed. */
  retire(): Promise<void>
  /** Closes every connection, WebSockets with this code and reason; the port stays open. */
  disconnectAll(code: number, reason: string): void
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
  const sockets = createWebSockets(options)
  server.on('upgrade', (request, stream, head) => {
    stream.on('error', () => stream.destroy())
    const refusal = connections.refusalOf(request.socket)
    if (isPlainRequest(request)) answerWithoutUpgrade(server, request)
    else if (refusal !== undefined) endWithResponse(stream, refusal.status, refusal)
    else
      sockets.upgrade(request, stream, head).catch((error: unknown) => {
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
    endWithResponse(stream, status, refusal)
  })
  // An answer cannot be read before the handshake is done: waiting for it to be taken would be for ever.
  server.on('tlsClientError', (_error, stream: Duplex) => stream.destroy())
  await bind(server, options).catch((error: unknown) => {
    sockets[Symbol.dispose]()
    throw error
  })
  server.on('error', (error) =>
    options.log.error('the web server reports an error', { error: String(error) }),
  )
  const disconnectAll = (code: number, reason: string): void => {
    sockets.closeAll(code, reason)
    connections.destroyAll()
  }
  const closed = once(server, 'close').then(() => {
    sockets[Symbol.dispose]()
    renewals?.[Symbol.dispose]()
  })
  return {
    port: (server.address() as AddressInfo).port,
    retire: async () => {
      server.close()
      await closed
    },
    disconnectAll,
    async [Symbol.asyncDispose]() {
      server.close()
      disconnectAll(GOING_AWAY, 'the server is stopping')
      server.closeAllConnections()
      await closed
    },
  }
}

function createServer(
  { app, certificate, limits }: ListenOptions,
  refusalOf: Connections['refusalOf'],
): Server {
  const listener = getRequestListener(
    (request, env) => {
      const refusal = refusalOf((env as HttpBindings).incoming.socket)
      return refusal === undefined ? app.fetch(request, env) : answerOf(refusal)
    },
    // Requests of HTTP/1.0 may have no Host; the routes see that it is missing.
    { hostname: 'localhost', errorHandler: badRequest },
  )
  const limited = limitRequests((request, response) => void listener(request, response))
  const serverOptions = { connectionsCheckingInterval: LOOK_EVERY_MS }
  if (certificate === undefined) return createPlainServer(serverOptions, limited)
  const handshakeTimeout = limits().headerTimeoutMs
  return createTlsServer({ ...certificate.pem(), ...serverOptions, handshakeTimeout }, limited)
}

/** What the adapter cannot make a request of, a `Host` that is no host for one; errors of routes never come here. */
const badRequest = (): Response =>
  Response.json(
    { error: 'bad-request', message: 'the address or the Host of this request cannot be read' },
    { status: 400, headers: { 'x-content-type-options': 'nosniff' } },
  )

const answerOf = ({ code, message, status, retryAfterS }: AppError): Response =>
  Response.json(
    { error: code, message },
    {
      status,
      headers: {
        connection: 'close',
        'retry-after': String(retryAfterS),
        'x-content-type-options': 'nosniff',
      },
    },
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
  const what = `${configKey}: port ${port} on ${address} cannot be bound`
  return exhaustedError(what, error)?.message ?? `${what}: ${messageOf(error)}`
}

/** The HTTP client of Java asks for HTTP/2 (h2c) with every request, and Node takes that for ours to answer. */
const isPlainRequest = ({ method, headers }: IncomingMessage): boolean =>
  (method === 'GET' || method === 'HEAD') && headers.upgrade?.toLowerCase() !== 'websocket'

/**
 * RFC 9110 section 7.8: a server may ignore the upgrade and answer the request. A pipelined request whose connection is still
 * busy with the answer before it closes the connection: Node takes it off its queue, and throws when an answer is assigned.
 */
function answerWithoutUpgrade(server: Server, request: IncomingMessage): void {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  try {
    response.assignSocket(request.socket)
  } catch {
    request.socket.destroy()
    return
  }
  // On an upgrade Node takes its own listeners off: whoever takes nothing of the answer would be waited for without end.
  const { socket } = request
  socket.setTimeout(server.timeout, () => socket.destroy())
  socket.on('drain', () => response.emit('drain'))
  response.once('finish', () => socket.end(() => socket.destroy()))
  server.emit('request', request, response)
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
