import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { randomBytes } from 'node:crypto'
import { Hono } from 'hono'
import { expect, onTestFinished, test, vi } from 'vitest'
import { accessWith, basic, PASSWORD, TOKEN } from '../../test/support/access.js'
import { until } from '../../test/support/program.js'
import { openListener, openTcp, openWebSocket, refusedWebSocket } from '../../test/support/listener.js'
import { defaultConfig } from '../config/parse.js'
import type { SignallingSocket } from '../signalling/websocket.js'
import type { AccessControl } from './auth/access-control.js'
import { bindProblem } from './connection/bind.js'
import type { Listener, ListenOptions } from './listen.js'

const hello = async ({ port }: Listener): Promise<string> =>
  await (await fetch(`http://127.0.0.1:${port}/`)).text()

const upgradeTo = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n'

/** A listener whose /ws echoes messages. */
async function openEcho(about: Partial<ListenOptions> = {}) {
  const sockets: SignallingSocket[] = []
  const listener = await openListener({
    ...about,
    socketFor: (path) =>
      path !== '/ws'
        ? undefined
        : (socket) => {
            sockets.push(socket)
            socket.onMessage((text) => socket.send(JSON.stringify({ heard: text })))
          },
  })
  const connect = async (options = {}) => await openWebSocket(`ws://127.0.0.1:${listener.port}/ws`, options)
  return { listener, sockets, connect }
}

/** No client reaches a limit in the tests of closing: a listener that waits for one never closes. */
const patientLimits = () => ({
  ...defaultConfig().limits,
  headerTimeoutMs: 3_600_000,
  requestTimeoutMs: 3_600_000,
})

test('HTTP and WebSocket share a port', async () => {
  const { listener, connect } = await openEcho()
  expect(await hello(listener)).toBe('hello')
  const { socket, messages } = await connect()
  socket.send('text')
  socket.send(Buffer.from('binary'))
  await vi.waitFor(() => expect(messages).toEqual([{ heard: 'text' }, { heard: 'binary' }]))
})

test('a query does not hide the path of a WebSocket', async () => {
  const { listener } = await openEcho()
  const { socket } = await openWebSocket(`ws://127.0.0.1:${listener.port}/ws?x=/y`)
  expect(socket.readyState).toBe(socket.OPEN)
})

test('a port in use is an error that names the key', async () => {
  const holder = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void holder.close())
  await once(holder, 'listening')
  const { port } = holder.address() as { port: number }
  await expect(openListener({ port })).rejects.toThrow(
    `server.web-port: port ${port} is in use by another program; stop it or set another port`,
  )
})

test('an address that is not of this machine is an error that names its key', async () =>
  await expect(openListener({ address: '203.0.113.7' })).rejects.toThrow(
    'server.bind-ip: 203.0.113.7 is not an address of this machine; set one that is, or "::" for all',
  ))

test.each([
  [{ code: 'EACCES' }, 'camera1.webrtc-port: port 80 needs root; set a port above 1023'],
  [new Error('it rains'), 'camera1.webrtc-port: port 80 on :: cannot be bound: it rains'],
])('a port that cannot be bound is explained: %o', (error, sentence) =>
  expect(bindProblem(error, 'camera1.webrtc-port', 80, '::')).toBe(sentence),
)

test('a WebSocket on a path without WebSockets gets 404, and its connection is closed', async () => {
  const { listener } = await openEcho()
  const tcp = await openTcp(listener.port)
  tcp.write(upgradeTo('/nowhere'))
  await once(tcp, 'end')
  expect(tcp.received()).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/)
})

test('a few requests may be pipelined, and more close the connection', async () => {
  let asked = 0
  const app = new Hono()
  app.get('/', async (c) => {
    asked++
    await new Promise((resolve) => setImmediate(resolve))
    return c.text('hello')
  })
  const listener = await openListener({ app })
  const one = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'
  const few = await openTcp(listener.port)
  few.write(one.repeat(4))
  await vi.waitFor(() => expect(few.received().match(/hello/g)).toHaveLength(4))
  few.write(one.repeat(4))
  await vi.waitFor(() => expect(few.received().match(/hello/g)).toHaveLength(8))
  const many = await openTcp(listener.port)
  const closed = new Promise((resolve) => many.once('close', resolve))
  many.write(one.repeat(2000))
  await closed
  expect(asked).toBe(12)
  expect(await hello(listener)).toBe('hello')
})

test.each([
  ['without a Host, in HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n', /^HTTP\/1\.1 200 .*hello$/s],
  [
    'with a Host of 400 letters',
    `GET / HTTP/1.1\r\nHost: ${'a'.repeat(400)}\r\n\r\n`,
    /^HTTP\/1\.1 400 .*"bad-request"/s,
  ],
  [
    'for a proxy',
    'GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n',
    /^HTTP\/1\.1 400 .*"bad-request"/s,
  ],
  [
    'with a Host that is none',
    'GET / HTTP/1.1\r\nHost: [fe80::1%eth0\r\n\r\n',
    /^HTTP\/1\.1 400 .*nosniff.*"bad-request"/s,
  ],
])('a request %s is answered', async (_what, text, answer) => {
  const listener = await openListener()
  const tcp = await openTcp(listener.port)
  tcp.write(text)
  await vi.waitFor(() => expect(tcp.received()).toMatch(answer))
})

test.each(['', 'Connection: Upgrade\r\nUpgrade: h2c\r\n'])(
  'a response that is read in pieces completes, and one that is not read times out (%j)',
  async (headers) => {
    const LARGE = 16 * 1024 * 1024
    const app = new Hono()
    app.get('/', (c) => c.body('x'.repeat(LARGE)))
    const limits = () => ({ ...defaultConfig().limits, requestTimeoutMs: 200 })
    const { port } = await openListener({ app, limits })
    const ask = `GET / HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`
    const reader = await openTcp(port)
    reader.write(ask)
    await vi.waitFor(() => expect(reader.bytesRead).toBeGreaterThan(LARGE), 10_000)
    const idler = connect({ port, host: '127.0.0.1' })
    onTestFinished(() => void idler.destroy())
    idler.on('error', () => {})
    await once(idler, 'connect')
    idler.pause()
    idler.write(ask)
    await until(async () => !(await isEstablished(port, idler.localPort!)), 10_000)
  },
)

/** Whether the server still holds its end of a connection (proc(5): state 01 of /proc/net/tcp). */
async function isEstablished(serverPort: number, clientPort: number): Promise<boolean> {
  const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0')
  const ends = `:${hex(serverPort)} 0100007F:${hex(clientPort)} 01`
  return (await readFile('/proc/net/tcp', 'utf8')).includes(ends)
}

test('a request with an upgrade to h2c is answered in HTTP/1.1', async () => {
  const listener = await openListener()
  const tcp = await openTcp(listener.port)
  tcp.write(
    'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n',
  )
  await once(tcp, 'end')
  expect(tcp.received()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\nhello$/)
})

test('a pipelined request with an upgrade to h2c closes the connection and does not end the program', async () => {
  const app = new Hono()
  app.get('/', async (c) => {
    await new Promise((resolve) => setTimeout(resolve, 50))
    return c.text('hello')
  })
  const listener = await openListener({ app })
  const tcp = await openTcp(listener.port)
  tcp.write(
    'GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
  )
  await new Promise((resolve) => tcp.once('end', resolve).once('close', resolve))
  expect(await hello(listener)).toBe('hello')
})

test('a POST with an upgrade to h2c is answered with its whole body, and its connection counts once', async () => {
  const app = new Hono()
  app.post('/', async (c) => c.text(await c.req.text()))
  const limits = () => ({ ...defaultConfig().limits, maxConnectionsPerAddress: 1 })
  const { port } = await openListener({ app, limits })
  const tcp = await openTcp(port)
  tcp.write(
    'POST / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 11\r\n\r\nfirst ',
  )
  await new Promise((resolve) => setImmediate(resolve))
  tcp.write('right')
  await once(tcp, 'end')
  expect(tcp.received()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\nfirst right$/)
})

test('a message that is too large ends its socket and no other', async () => {
  const { listener, connect } = await openEcho()
  const [large, other] = [await connect(), await connect()]
  const closed = once(large.socket, 'close')
  large.socket.send('x'.repeat(defaultConfig().limits.maxMessageBytes + 1))
  expect((await closed)[0]).toBe(1009)
  other.socket.send('still here')
  await vi.waitFor(() => expect(other.messages).toEqual([{ heard: 'still here' }]))
  expect(await hello(listener)).toBe('hello')
})

test('a client that reads no answers is disconnected before they fill the memory', async () => {
  const { sockets, connect } = await openEcho()
  const { socket } = await connect()
  socket.pause()
  const closed = vi.fn()
  sockets[0]!.onClose(closed)
  await vi.waitFor(
    () => {
      for (let i = 0; i < 20; i++) sockets[0]!.send('x'.repeat(100_000))
      expect(closed).toHaveBeenCalled()
    },
    { timeout: 10_000, interval: 5 },
  )
})

test('a client that does not answer a ping is disconnected, and others are not', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const { connect } = await openEcho()
  const dead = await connect({ autoPong: false })
  const alive = await connect()
  const ended = once(dead.socket, 'close')
  const pings = [once(dead.socket, 'ping'), once(alive.socket, 'ping')]
  vi.advanceTimersByTime(15_000)
  await Promise.all(pings)
  alive.socket.send('after the ping') // what is sent behind the pong comes behind it
  await vi.waitFor(() => expect(alive.messages).toHaveLength(1))
  vi.advanceTimersByTime(15_000)
  await ended
  expect(alive.socket.readyState).toBe(alive.socket.OPEN)
})

test('a listener closes open WebSockets and gives the reason', async () => {
  const { listener, connect } = await openEcho({ limits: patientLimits })
  const { socket } = await connect()
  const closed = once(socket, 'close')
  await listener[Symbol.asyncDispose]()
  const [code, reason] = (await closed) as [number, Buffer]
  expect([code, reason.toString()]).toEqual([1001, 'the server is stopping'])
})

test.each([
  ['sends nothing', ''],
  ['has sent half a request', 'GET / HTTP/1.1\r\nHost:'],
  ['has sent half a body', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nhalf'],
  ['keeps its connection alive', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['speaks no HTTP', '\u0016\u0003\u0001 hello\r\n\r\n'],
  ['asked for a WebSocket where there is none', upgradeTo('/nowhere')],
  ['asked for a WebSocket in a wrong way', upgradeTo('/ws').replace('Version: 13', 'Version: 1')],
  ['opened a WebSocket and sent half a frame', `${upgradeTo('/ws')}\u0081`],
])('a listener closes without waiting for a client that %s and never closes', async (_what, text) => {
  const { listener } = await openEcho({ limits: patientLimits })
  const tcp = await openTcp(listener.port)
  tcp.write(text)
  // A request behind it on another connection is answered when the first was read.
  await hello(listener)
  await listener[Symbol.asyncDispose]()
})

test('a client that closes only its half of the connection is answered', async () => {
  const listener = await openListener()
  const tcp = await openTcp(listener.port)
  tcp.end('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  await once(tcp, 'end')
  expect(tcp.received()).toMatch(/hello$/)
})

test('rubbish on 200 connections is answered or dropped, and the server goes on', async () => {
  const { listener, connect } = await openEcho()
  const ends = await Promise.all(
    Array.from({ length: 200 }, async (_, i) => {
      const tcp = await openTcp(listener.port)
      const end = new Promise((resolve) => tcp.once('close', resolve).once('end', resolve))
      tcp.write(
        i % 2 === 0 ? randomBytes(1000) : Buffer.concat([Buffer.from(upgradeTo('/ws')), randomBytes(99)]),
      )
      tcp.end()
      return await end
    }),
  )
  await Promise.all(ends)
  expect(await hello(listener)).toBe('hello')
  const { socket, messages } = await connect()
  socket.send('well')
  await vi.waitFor(() => expect(messages).toEqual([{ heard: 'well' }]))
})

test('a WebSocket without credentials gets 401 before the upgrade, with credentials it opens', async () => {
  const { listener, sockets } = await openEcho({ access: accessWith({ password: PASSWORD, token: TOKEN }) })
  const url = `ws://127.0.0.1:${listener.port}/ws`
  const { status, headers } = await refusedWebSocket(url)
  expect(status).toBe(401)
  expect(headers['www-authenticate']).toBe('Basic realm="rpi-webrtc", charset="UTF-8"')
  const wrong = { headers: { authorization: basic('anna', 'wrong') } }
  expect((await refusedWebSocket(url, wrong)).status).toBe(401)
  expect((await refusedWebSocket(`ws://127.0.0.1:${listener.port}/nowhere`)).status).toBe(401)
  expect(sockets).toHaveLength(0)
  await openWebSocket(url, { headers: { authorization: basic() } })
  await openWebSocket(`${url}?token=${TOKEN}`)
  expect(sockets).toHaveLength(2)
})

test('a WebSocket of a disallowed origin gets 403 even with credentials', async () => {
  const { listener } = await openEcho({ access: accessWith({ password: PASSWORD }) })
  const url = `ws://127.0.0.1:${listener.port}/ws`
  const headers = { authorization: basic() }
  const { status } = await refusedWebSocket(url, { headers, origin: 'http://evil.example' })
  expect(status).toBe(403)
  await openWebSocket(url, { headers, origin: `http://127.0.0.1:${listener.port}` })
  await openWebSocket(url, { headers, origin: 'http://127.0.0.1:8080' }) // the page is on web-port
})

test('too many wrong credentials on a WebSocket get 429 with Retry-After', async () => {
  const { listener } = await openEcho({ access: accessWith({ token: TOKEN }) })
  const url = `ws://127.0.0.1:${listener.port}/ws`
  for (let i = 0; i < 5; i++) expect((await refusedWebSocket(`${url}?token=guess${i}`)).status).toBe(401)
  const { status, headers } = await refusedWebSocket(`${url}?token=${TOKEN}`)
  expect([status, headers['retry-after']]).toEqual([429, '1'])
})

test('a listener closes while the access check of a WebSocket is pending', async () => {
  const access = accessWith()
  const decide = vi.fn<AccessControl['decide']>()
  let letIn = (): void => {}
  decide.mockReturnValue(
    new Promise((resolve) => (letIn = () => resolve({ allowed: true, role: 'admin', by: 'nothing' }))),
  )
  const { listener, sockets } = await openEcho({ access: { ...access, decide }, limits: patientLimits })
  const tcp = await openTcp(listener.port)
  tcp.write(upgradeTo('/ws'))
  await vi.waitFor(() => expect(decide).toHaveBeenCalled())
  await listener[Symbol.asyncDispose]()
  letIn()
  await new Promise((resolve) => setImmediate(resolve))
  expect(sockets).toHaveLength(0)
})
