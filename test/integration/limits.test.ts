import { once } from 'node:events'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { Hono } from 'hono'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { defaultConfig } from '../../src/config/parse.js'
import { createConnectionCount } from '../../src/http/connection/connection-limits.js'
import { openListener, openTcp, openWebSocket, refusedWebSocket } from '../support/listener.js'
import { freePorts, startProgram, until, type Program } from '../support/program.js'
import { ViewerClient } from '../support/viewer-client.js'

/** Every limit of [limits], reached at the built program as a stranger would reach it. No camera sends anything. */
async function start(limits: string, maxClients = 4): Promise<Program> {
  const [first, second] = await freePorts(2)
  const program = await startProgram({
    tables: `[camera1]\ndevice = "rtp://127.0.0.1:${first}"\nwebrtc-port = $PORT1
[camera2]\ndevice = "rtp://127.0.0.1:${second}"\nwebrtc-port = $PORT2
[webrtc]\nudp-port = $UDP\nmax-clients = ${maxClients}
[limits]\n${limits}\n`,
  })
  onTestFinished(async () => await program[Symbol.asyncDispose]())
  return program
}

async function openClient(): Promise<ViewerClient> {
  const client = await ViewerClient.open()
  onTestFinished(async () => await client[Symbol.asyncDispose]())
  return client
}

const post = async (url: string, body: string, type: string): Promise<Response> =>
  await fetch(url, { method: 'POST', headers: { 'content-type': type }, body })

const whep = async (program: Program, body: string, camera = 1): Promise<Response> =>
  await post(`${program.url}/camera${camera}/whep`, body, 'application/sdp')

const socketUrl = (program: Program, path = '/camera1/ws'): string =>
  `ws://127.0.0.1:${program.webPort}${path}`

const offerMessage = (sdp: string): string => JSON.stringify({ offer: { type: 'offer', sdp } })

describe('offers of one address', () => {
  const variants = [
    ['/camera1/whep', 'application/sdp', 'v=0'],
    ['/camera1/webrtc', 'application/json', '{"type":"offer","sdp":"v=0"}'],
    ['/webrtc', 'application/json', '{"type":"request"}'],
    ['/api/webrtc?src=camera1', 'application/sdp', 'v=0'],
  ] as const
  test('over HTTP, in every protocol: one request too many gets 429 with Retry-After', async () => {
    const program = await start('offers-per-second = 1\noffer-burst = 4')
    const ask = async ([path, type, body]: (typeof variants)[number]): Promise<Response> =>
      await post(program.url + path, body, type)
    const statusOf = async (variant: (typeof variants)[number]): Promise<number> =>
      (await ask(variant)).status
    expect(await Promise.all(variants.map(statusOf))).not.toContain(429)
    for (const variant of variants) {
      const refused = await ask(variant)
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
      expect(await refused.json()).toMatchObject({ error: 'too-many-offers' })
    }
    await until(async () => (await statusOf(variants[0])) !== 429, 20_000)
  })

  test('on a WebSocket: the one too many is an error, and the socket and its session stay', async () => {
    const program = await start('offers-per-second = 1\noffer-burst = 2')
    const client = await openClient()
    const { socket, messages } = await openWebSocket(socketUrl(program))
    for (let i = 0; i < 3; i++) socket.send(offerMessage(client.offer('vp8')))
    await until(() => JSON.stringify(messages).includes('too-many-offers'), 20_000)
    expect(messages.filter((message) => 'answer' in (message as object))).toHaveLength(2)
    expect((await program.health()).cameras['camera1']!.viewers).toBe(1)
    const other = await openWebSocket(socketUrl(program, '/api/ws?src=camera2'))
    other.socket.send(JSON.stringify({ type: 'webrtc/offer', value: 'v=0' }))
    await until(() => JSON.stringify(other.messages).includes('too many offers from this address'), 20_000)
    expect(socket.readyState).toBe(WebSocket.OPEN)
  })

  test('a page of many cameras can reconnect repeatedly within the default limits', async () => {
    const program = await start('')
    const client = await openClient()
    for (let round = 0; round < 8; round++) {
      const statuses = await Promise.all(
        Array.from(
          { length: 8 },
          async (_, i) => (await whep(program, client.offer('vp8'), 1 + (i % 2))).status,
        ),
      )
      expect(statuses).not.toContain(429)
    }
  })
})

describe('viewers', () => {
  test('of all cameras together: the one too many gets 503, or an error and close code 1013', async () => {
    const program = await start('max-viewers = 3')
    const client = await openClient()
    for (const camera of [1, 1, 2])
      expect((await whep(program, client.offer('vp8'), camera)).status).toBe(201)
    const refused = await whep(program, client.offer('vp8'), 2)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await refused.json()).toMatchObject({ error: 'server-full' })
    const { socket, messages } = await openWebSocket(socketUrl(program, '/camera2/ws'))
    const closed = once(socket, 'close')
    socket.send(offerMessage(client.offer('vp8')))
    expect((await closed)[0]).toBe(1013)
    expect(messages).toContainEqual({ error: expect.objectContaining({ code: 'server-full' }) as object })
  })

  test('that are still connecting: one too many gets 503, until one of them is connected', async () => {
    const program = await start('max-connecting = 1')
    const client = await openClient()
    const first = await whep(program, client.offer('vp8'))
    const refused = await whep(program, client.offer('vp8'), 2)
    expect(refused.status).toBe(503)
    expect(await refused.json()).toMatchObject({ error: 'too-many-connecting' })
    await client.connect(await first.text())
    await until(() => program.output().includes('viewer joined'), 20_000)
    expect((await whep(program, client.offer('vp8'), 2)).status).toBe(201)
  })
})

describe('candidates of one session', () => {
  const line = (i: number): string => `candidate:1 1 udp ${1000 + i} 127.0.0.1 ${20_000 + i} typ host`

  test('on a WebSocket: the one too many is an error, and the session stays', async () => {
    const program = await start('max-candidates = 3')
    const client = await openClient()
    const { socket, messages } = await openWebSocket(socketUrl(program))
    socket.send(offerMessage(client.offer('vp8')))
    for (let i = 0; i < 4; i++) socket.send(JSON.stringify({ iceCandidate: { candidate: line(i) } }))
    await until(() => JSON.stringify(messages).includes('too-many-candidates'), 20_000)
    expect(JSON.stringify(messages).match(/too-many-candidates/g)).toHaveLength(1)
    expect((await program.health()).cameras['camera1']!.viewers).toBe(1)
  })

  test('by WHEP: a fragment with too many gets 400', async () => {
    const program = await start('max-candidates = 3')
    const client = await openClient()
    const answer = await whep(program, client.offer('vp8'))
    const session = new URL(answer.headers.get('location')!, answer.url)
    const fragment = ['a=ice-ufrag:' + client.ufrag, 'm=video 9 UDP/TLS/RTP/SAVPF 0', 'a=mid:0']
    const body = [...fragment, ...[0, 1, 2, 3].map((i) => `a=${line(i)}`), ''].join('\r\n')
    const headers = { 'content-type': 'application/trickle-ice-sdpfrag' }
    const response = await fetch(session, { method: 'PATCH', headers, body })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: 'too-many-candidates' })
  })
})

describe('sizes', () => {
  test('a body, a message and headers that are too long are refused, each in its own way', async () => {
    const program = await start('max-body-bytes = 4096\nmax-message-bytes = 4096\nmax-header-bytes = 2048')
    for (const [path, type] of [
      ['/camera1/whep', 'application/sdp'],
      ['/webrtc', 'application/json'],
    ] as const) {
      const response = await post(program.url + path, 'x'.repeat(4097), type)
      expect(response.status).toBe(413)
      expect(await response.json()).toEqual({
        error: 'body-too-large',
        message: 'the body is longer than 4096 bytes',
      })
    }
    const { socket } = await openWebSocket(socketUrl(program))
    const closed = once(socket, 'close')
    socket.send('x'.repeat(4097))
    expect((await closed)[0]).toBe(1009)
    const tcp = await openTcp(program.webPort)
    tcp.write(`GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'x'.repeat(3000)}\r\n\r\n`)
    await once(tcp, 'end')
    expect(tcp.received()).toMatch(/^HTTP\/1\.1 431 .*"error":"headers-too-large"/s)
  })
})

/** A WebSocket that sends bytes as they are, and when it was closed, and how. */
async function openRaw(program: Program, path = '/camera1/ws') {
  const { socket, messages } = await openWebSocket(socketUrl(program, path))
  const closed = once(socket, 'close') as Promise<[number, Buffer]>
  const send = (bytes: Buffer): void => void (socket as unknown as { _socket: Socket })._socket.write(bytes)
  return { socket, messages, send, closed: closed.then(([code, reason]) => `${code} ${reason.toString()}`) }
}

/** RFC 6455 section 5.2: text frames of up to 65,535 bytes, masked with zeros. */
function frame(text: string, isFirst: boolean, isFinal: boolean): Buffer {
  const head = Buffer.from([(isFinal ? 0x80 : 0) | (isFirst ? 1 : 0), 0xfe, 0, 0, 0, 0, 0, 0])
  head.writeUInt16BE(text.length, 2)
  return Buffer.concat([head, Buffer.from(text)])
}

describe('messages that are not complete', () => {
  test('take as long as they may, whether a frame or a fragment is missing; the socket that finishes stays', async () => {
    const program = await start('message-timeout-seconds = 1')
    const [half, fragment, right] = await Promise.all([openRaw(program), openRaw(program), openRaw(program)])
    half.send(frame('{"time":{"clientMs":1}}', true, true).subarray(0, 12))
    fragment.send(frame('{"time":', true, false))
    right.send(frame('{"time":', true, false))
    right.send(frame('{"clientMs":1}}', false, true))
    for (const { closed } of [half, fragment])
      expect(await closed).toBe('1008 a message took longer than 1 seconds')
    expect(JSON.stringify(right.messages)).toContain('serverMs')
    expect(right.socket.readyState).toBe(WebSocket.OPEN)
  })

  test('share a byte budget per address', async () => {
    const program = await start('max-unfinished-bytes-per-address = 65536')
    const [first, second] = await Promise.all([openRaw(program), openRaw(program)])
    first.send(frame('x'.repeat(40_000), true, false))
    await until(async () => (await metric(program, 'unfinished_message_bytes')) > 40_000, 20_000)
    second.send(frame('x'.repeat(40_000), true, false))
    expect(await second.closed).toBe('1008 unfinished messages are too large')
    const body = await openTcp(program.webPort)
    body.write(
      `POST /webrtc HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50000\r\n\r\n${'x'.repeat(40_000)}`,
    )
    await until(() => body.received().includes('too-many-unfinished-bytes'), 20_000)
    first.socket.terminate()
    await until(async () => (await metric(program, 'unfinished_message_bytes')) === 0, 20_000)
  })

  test('have a limit of fragments, however small', async () => {
    const program = await start('')
    const many = await openRaw(program)
    many.send(Buffer.concat(Array.from({ length: 65 }, (_, i) => frame('', i === 0, false))))
    expect(await many.closed).toMatch(/^1008 /)
  })
})

test('WebSockets of one address: the one too many gets 503, and a place that is given back is taken', async () => {
  const program = await start('max-websockets-per-address = 2')
  const first = await openWebSocket(socketUrl(program))
  await openWebSocket(`ws://127.0.0.1:${program.webrtcPorts[1]}`)
  expect((await refusedWebSocket(socketUrl(program, '/api/ws?src=camera1'))).status).toBe(503)
  first.socket.terminate()
  await until(async () => {
    const { socket } = await openWebSocket(socketUrl(program)).catch(() => ({ socket: undefined }))
    return socket !== undefined
  }, 20_000)
})

describe('bytes to be parsed', () => {
  const nested = '['.repeat(10_000)

  test('of one WebSocket: it is closed; nesting costs it nothing but an answer', async () => {
    const program = await start('message-bytes-per-second = 4096\nmax-message-bytes = 16384')
    const { socket, messages, closed } = await openRaw(program)
    for (let i = 0; i < 4; i++) socket.send(nested)
    expect(await closed).toBe('1008 messages come too fast')
    const nestedError = { code: 'bad-message', message: 'the message is nested deeper than 16 levels' }
    expect(messages.filter((message) => 'error' in (message as object))).toEqual([
      { error: nestedError },
      { error: nestedError },
      { error: nestedError },
    ])
  })

  test.each(['message', 'ping'] as const)('count for each %s, however small', async (kind) => {
    const program = await start('message-bytes-per-second = 4096\nmax-message-bytes = 4096')
    const { socket, messages, closed } = await openRaw(program)
    for (let i = 0; i < 100; i++) {
      if (kind === 'ping') socket.ping()
      else socket.send('{}')
    }
    let pongs = 0
    socket.on('pong', () => pongs++)
    expect(await closed).toBe(`1008 ${kind === 'ping' ? 'pings' : 'messages'} come too fast`)
    const answers = messages.filter((message) => 'error' in (message as object)).length
    expect(kind === 'ping' ? pongs : answers).toBeGreaterThanOrEqual(8)
    expect(kind === 'ping' ? pongs : answers).toBeLessThan(100) // the budget grows while a busy machine works
  })

  test('of one address: a body gets 429 with Retry-After', async () => {
    const program = await start(
      'message-bytes-per-second-per-address = 4096\nmax-body-bytes = 16384\nmax-message-bytes = 4096',
    )
    const ask = async () => await post(`${program.url}/webrtc`, nested, 'application/json')
    const refused = await ask()
    expect([refused.status, await refused.json()]).toEqual([
      400,
      { error: 'bad-body', message: 'the body is nested deeper than 16 levels' },
    ])
    const tooMany = await ask()
    expect(tooMany.status).toBe(429)
    expect(Number(tooMany.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await tooMany.json()).toMatchObject({ error: 'too-many-bytes' })
  })
})

/** A figure of GET /metrics without labels. */
async function metric(program: Program, name: string): Promise<number> {
  const text = await (await fetch(`${program.url}/metrics`)).text()
  return Number(new RegExp(`^rpi_webrtc_${name} (\\d+)`, 'm').exec(text)?.[1])
}

describe('TCP connections', () => {
  test('of one address, over every port: the one too many gets 503, and a place that is given back is taken', async () => {
    const program = await start('max-connections-per-address = 3')
    const first = await openTcp(program.webPort)
    await openTcp(program.webrtcPorts[0]!)
    await openWebSocket(socketUrl(program))
    const refused = await fetch(program.url)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await refused.json()).toMatchObject({ error: 'too-many-connections' })
    expect((await refusedWebSocket(`ws://127.0.0.1:${program.webrtcPorts[1]}`)).status).toBe(503)
    first.destroy()
    await until(async () => (await fetch(program.url)).ok, 20_000)
  })

  test('in all: the one too many gets 503 from any address, and none of a flood of them stays', async () => {
    const program = await start('max-connections = 8')
    const held = await Promise.all(Array.from({ length: 8 }, async () => await openTcp(program.webPort)))
    const flood = await Promise.all(Array.from({ length: 100 }, async () => await openTcp(program.webPort)))
    await until(() => flood.every((socket) => socket.readableEnded || socket.destroyed), 20_000)
    expect(held.every((socket) => !socket.readableEnded && !socket.destroyed)).toBe(true)
    expect(await statusFrom('127.0.0.2', program.webPort)).toBe(503)
  })
})

/** The status of GET / from another address of this machine. */
async function statusFrom(localAddress: string, port: number): Promise<number> {
  const asked = request({ port, host: '127.0.0.1', localAddress, agent: false }).end()
  const [response] = (await once(asked, 'response')) as [{ statusCode: number; resume(): void }]
  response.resume()
  return response.statusCode
}

describe('a client that takes its time', () => {
  const limits = 'header-timeout-seconds = 1\nrequest-timeout-seconds = 2\nwebsocket-idle-timeout-seconds = 1'

  test('that sends nothing, half its headers or half its body gets an error and is closed', async () => {
    const program = await start(limits)
    const silent = await openTcp(program.webPort)
    const headers = await openTcp(program.webrtcPorts[0]!)
    const drip = setInterval(() => headers.write('X-A: b\r\n'), 100)
    onTestFinished(() => clearInterval(drip))
    headers.write('GET / HTTP/1.1\r\n')
    const body = await openTcp(program.webPort)
    body.write('POST /webrtc HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{')
    await until(() => [silent, headers, body].every((socket) => socket.readableEnded), 20_000)
    expect(headers.received()).toMatch(/^HTTP\/1\.1 408 .*"error":"request-timeout"/s)
    expect(body.received()).toMatch(/^HTTP\/1\.1 408 /)
  })

  test('that sends no first message on its WebSocket is closed with a reason; one that did stays', async () => {
    const program = await start(limits)
    const silent = await openWebSocket(socketUrl(program))
    const spoke = await openWebSocket(socketUrl(program))
    spoke.socket.send('{"time":{"clientMs":1}}')
    const [code, reason] = (await once(silent.socket, 'close')) as [number, Buffer]
    expect([code, reason.toString()]).toEqual([1008, 'no message for 1 seconds'])
    expect(spoke.socket.readyState).toBe(WebSocket.OPEN)
  })
})

test('a response that the client does not read is dropped', async () => {
  const LARGE = 64 * 1024 * 1024
  const app = new Hono()
  app.get('/large', (c) => c.body('x'.repeat(LARGE)))
  const limits = () => ({ ...defaultConfig().limits, requestTimeoutMs: 200 })
  const connectionCount = createConnectionCount(limits)
  const taken = vi.spyOn(connectionCount, 'open')
  const { port } = await openListener({ app, limits, connectionCount })
  const socket = connect({ port, host: '127.0.0.1' })
  onTestFinished(() => void socket.destroy())
  socket.pause()
  socket.write('GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await until(() => taken.mock.results.length === 1, 20_000)
  const place = taken.mock.results[0]!.value as Disposable
  const givenBack = vi.spyOn(place, Symbol.dispose)
  await until(() => givenBack.mock.calls.length === 1, 20_000)
  expect(socket.bytesRead).toBeLessThan(LARGE)
})
