import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { WebSocket, type ClientOptions } from 'ws'
import { Hono } from 'hono'
import { defaultConfig } from '../../src/config/parse.js'
import { createClients } from '../../src/http/connection/clients.js'
import { createConnectionCount } from '../../src/http/connection/connection-limits.js'
import { createMessageLimits } from '../../src/http/websocket/message-limits.js'
import { listen, type Listener, type ListenOptions } from '../../src/http/listen.js'
import { silentLog } from '../../src/log.js'
import { accessWith } from './access.js'

/** A listener on a free port of the loopback address that answers GET / with "hello"; closed when the test ends. */
export async function openListener(about: Partial<ListenOptions> = {}): Promise<Listener> {
  const app = new Hono()
  app.get('/', (c) => c.text('hello'))
  const listener = await listen({
    app,
    access: accessWith(),
    clients: createClients(() => []),
    certificate: undefined,
    port: 0,
    address: '127.0.0.1',
    configKey: 'server.web-port',
    socketFor: () => undefined,
    limits: () => defaultConfig().limits,
    connectionCount: createConnectionCount(about.limits ?? (() => defaultConfig().limits)),
    messageLimits: createMessageLimits(about.limits ?? (() => defaultConfig().limits)),
    countOffer: () => {},
    log: silentLog,
    ...about,
  })
  onTestFinished(async () => await listener[Symbol.asyncDispose]())
  return listener
}

/** A plain TCP connection, for what no HTTP client would do. */
export async function openTcp(port: number): Promise<Socket & { received: () => string }> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  onTestFinished(() => void socket.destroy())
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
  socket.on('error', () => {})
  await once(socket, 'connect')
  return Object.assign(socket, { received: () => text })
}

/** An open WebSocket, and what came on it. */
export async function openWebSocket(
  url: string,
  options: ClientOptions = {},
): Promise<{ socket: WebSocket; messages: unknown[] }> {
  const socket = new WebSocket(url, options)
  onTestFinished(() => socket.terminate())
  const messages: unknown[] = []
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString())))
  await once(socket, 'open')
  socket.on('error', () => {})
  return { socket, messages }
}

/** What a WebSocket's handshake is answered with where it is refused. */
export async function refusedWebSocket(
  url: string,
  options: ClientOptions = {},
): Promise<{ status: number; headers: IncomingMessage['headers'] }> {
  const socket = new WebSocket(url, options)
  socket.on('error', () => {})
  onTestFinished(() => socket.terminate())
  const [, { statusCode = 0, headers }] = (await once(socket, 'unexpected-response')) as [
    unknown,
    IncomingMessage,
  ]
  return { status: statusCode, headers }
}
