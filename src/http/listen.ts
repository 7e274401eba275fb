import { getRequestListener, type HttpBindings } from '@hono/node-server'
import type { Hono } from 'hono'
import { once } from 'node:events'
import { createServer as createPlainServer, type Server } from 'node:http'
import { createServer as createTlsServer, Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { AppError } from '../errors.js'
import { GOING_AWAY } from '../signalling/websocket.js'
import { bind, type BindOptions } from './connection/bind.js'
import { limitConnections, type ConnectionCount, type Connections } from './connection/connection-limits.js'
import { endWithError, errorResponse, type ErrorAnswer } from './connection/error-response.js'
import { parserError } from './connection/parser-error.js'
import { redirectPlainHttp } from './connection/plain-http.js'
import { limitRequests } from './connection/pipelining.js'
import { removePrefix, removeZone } from './connection/plain-target.js'
import { answerWithoutUpgrade, isPlainRequest } from './connection/plain-upgrade.js'
import type { Certificate } from './tls/certificate.js'
import { createWebSockets, type WebSocketOptions } from './websocket/upgrade.js'

/** How often Node checks for requests that take too long. */
const CHECK_INTERVAL_MS = 500

export interface ListenOptions extends WebSocketOptions, BindOptions {
  app: Hono
  /** With a certificate the port serves https and wss only. */
  certificate: Certificate | undefined
  /** Shared by all ports. */
  connectionCount: ConnectionCount
}

export interface Listener extends AsyncDisposable {
  readonly port: number
  /** Frees the port at once; open connections continue. Resolves when the last of them has closed. */
  retire(): Promise<void>
  /** Closes every connection, WebSockets with this code and reason; the port stays open. */
  disconnectAll(code: number, reason: string): void
}

/**
 * HTTP and WebSocket on one port, or HTTPS and secure WebSocket.
 * @throws Error that names the key when the port cannot be bound.
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  const server = createServer(options, (request, response) => connections.admit(request, response))
  const connections = limitConnections(server, options.connectionCount, options.clients, options.limits)
  const renewals = options.certificate?.onRenewed((pem) => {
    if (server instanceof TlsServer) server.setSecureContext(pem)
  })
  const sockets = createWebSockets(options)
  server.on('upgrade', (request, stream, head) => {
    stream.on('error', () => stream.destroy())
    if (isPlainRequest(request)) return answerWithoutUpgrade(server, request, head)
    const error = connections.admit(request, stream)
    if (error !== undefined) return endWithError(stream, answerOf(error))
    removeZone(request)
    removePrefix(request, options.clients.of(request).prefix)
    sockets.upgrade(request, stream, head).catch((cause: unknown) => {
      stream.destroy()
      options.log.error('a WebSocket could not be opened', { error: String(cause) })
    })
  })
  server.on('clientError', (error: NodeJS.ErrnoException, stream) => {
    if (stream.writable) endWithError(stream, parserError(error.code, options.limits().maxHeaderBytes))
    else stream.destroy()
  })
  // The client cannot read an answer before the handshake is complete, so waiting for it would not end.
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
  { app, certificate, clients, limits }: ListenOptions,
  admit: Connections['admit'],
): Server {
  const listener = getRequestListener(
    (request, env) => {
      const { incoming, outgoing } = env as HttpBindings
      const error = admit(incoming, outgoing)
      if (error !== undefined) return errorResponse(answerOf(error))
      return app.fetch(request, { ...env, client: clients.of(incoming) })
    },
    // HTTP/1.0 requests may have no Host; the routes see that it is missing. Errors of routes do not reach errorHandler.
    { hostname: 'localhost', errorHandler: () => errorResponse(badRequest) },
  )
  const limited = limitRequests((request, response) => {
    removeZone(request)
    removePrefix(request, clients.of(request).prefix)
    void listener(request, response)
  })
  const serverOptions = { connectionsCheckingInterval: CHECK_INTERVAL_MS }
  if (certificate === undefined) return createPlainServer(serverOptions, limited)
  const handshakeTimeout = limits().headerTimeoutMs
  const server = createTlsServer({ ...certificate.pem(), ...serverOptions, handshakeTimeout }, limited)
  redirectPlainHttp(server, limits)
  return server
}

const badRequest: ErrorAnswer = {
  status: 400,
  code: 'bad-request',
  message: 'the address or the Host header of this request is invalid',
}

const answerOf = ({ code, message, status, retryAfterS }: AppError): ErrorAnswer => ({
  code,
  message,
  status,
  ...(retryAfterS !== undefined && { headers: { 'Retry-After': String(retryAfterS) } }),
})
