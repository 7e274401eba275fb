import { once } from 'node:events'
import { createServer } from 'node:net'
import { Hono } from 'hono'
import { expect, onTestFinished, test, vi } from 'vitest'
import { accessWith } from '../../test/support/access.js'
import { openWebSocket } from '../../test/support/listener.js'
import { freePorts } from '../../test/support/program.js'
import { silentLog } from '../log.js'
import { defaultConfig } from '../config/parse.js'
import { createClients } from './connection/clients.js'
import { createConnectionCount } from './connection/connection-limits.js'
import { createMessageLimits } from './websocket/message-limits.js'
import { createListeners, type Listeners, type Endpoint } from './listeners.js'

const at = (port: number): Endpoint => ({ port, address: '127.0.0.1', certificate: undefined })

/** Listeners on free ports, each of which sends its number; closed when the test ends. */
async function openListeners(
  count: number,
): Promise<{ listeners: Listeners; ports: number[]; lines: string[] }> {
  const ports = await freePorts(count + 1)
  const lines: string[] = []
  const listeners = createListeners({ ...silentLog, error: (line) => void lines.push(line) })
  onTestFinished(async () => await listeners[Symbol.asyncDispose]())
  for (let i = 0; i < count; i++) {
    const app = new Hono().get('/', (c) => c.text(`listener ${i}`))
    const limits = () => defaultConfig().limits
    const connectionCount = createConnectionCount(limits)
    const messageLimits = createMessageLimits(limits)
    const clients = createClients(() => [])
    const shared = { limits, clients, connectionCount, messageLimits, countOffer: () => {} }
    const options = { app, access: accessWith(), ...shared, log: silentLog }
    const socketFor = () => (socket: { send(text: string): void }) => socket.send(JSON.stringify(i))
    await listeners.open(`camera${i}.webrtc-port`, at(ports[i]!), { ...options, socketFor })
  }
  return { listeners, ports, lines }
}

const answerOf = async (port: number): Promise<string> =>
  await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } }).then(
    async (response) => await response.text(),
    () => 'none',
  )

test('a listener that moves leaves its port, and connected clients stay connected', async () => {
  const { listeners, ports, lines } = await openListeners(1)
  const { socket, messages } = await openWebSocket(`ws://127.0.0.1:${ports[0]}/`)
  await listeners.move(new Map([['camera0.webrtc-port', at(ports[1]!)]]))
  expect([await answerOf(ports[0]!), await answerOf(ports[1]!)]).toEqual(['none', 'listener 0'])
  expect([socket.readyState, messages, lines]).toEqual([socket.OPEN, [0], []])
  expect(listeners.port('camera0.webrtc-port')).toBe(ports[1])
})

test('a former port is forgotten when its last connection has closed', async () => {
  const { listeners, ports } = await openListeners(1)
  const { socket } = await openWebSocket(`ws://127.0.0.1:${ports[0]}/`)
  await listeners.move(new Map([['camera0.webrtc-port', at(ports[1]!)]]))
  expect(listeners.retired).toBe(1)
  socket.close()
  await vi.waitFor(() => expect(listeners.retired).toBe(0), 5000)
})

test('listeners swap ports', async () => {
  const { listeners, ports } = await openListeners(2)
  await listeners.move(
    new Map([
      ['camera0.webrtc-port', at(ports[1]!)],
      ['camera1.webrtc-port', at(ports[0]!)],
    ]),
  )
  expect([await answerOf(ports[0]!), await answerOf(ports[1]!)]).toEqual(['listener 1', 'listener 0'])
})

test('a listener whose new port is in use stays, logs it, and moves later', async () => {
  const { listeners, ports, lines } = await openListeners(1)
  const holder = createServer().listen(ports[1], '127.0.0.1')
  await once(holder, 'listening')
  const wanted = new Map([['camera0.webrtc-port', at(ports[1]!)]])
  await listeners.move(wanted)
  expect(lines).toEqual([
    `camera0.webrtc-port: port ${ports[1]} is in use by another program; stop it or set another port; until then it stays at port ${ports[0]}`,
  ])
  expect(await answerOf(ports[0]!)).toBe('listener 0')
  await once(holder.close(), 'close')
  await listeners.move(wanted)
  expect([await answerOf(ports[0]!), await answerOf(ports[1]!)]).toEqual(['none', 'listener 0'])
})

test('a listener whose endpoint is unchanged is not touched', async () => {
  const { listeners, ports } = await openListeners(1)
  const { socket } = await openWebSocket(`ws://127.0.0.1:${ports[0]}/`)
  await listeners.move(new Map([['camera0.webrtc-port', at(ports[0]!)]]))
  expect(await answerOf(ports[0]!)).toBe('listener 0')
  expect(socket.readyState).toBe(socket.OPEN)
})

test('disposing closes all connections, also those of former ports', async () => {
  const { listeners, ports } = await openListeners(1)
  const { socket } = await openWebSocket(`ws://127.0.0.1:${ports[0]}/`)
  await listeners.move(new Map([['camera0.webrtc-port', at(ports[1]!)]]))
  const closed = once(socket, 'close')
  await listeners[Symbol.asyncDispose]()
  await closed
  expect(await answerOf(ports[1]!)).toBe('none')
})
