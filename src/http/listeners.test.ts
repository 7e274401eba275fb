import { once } from 'node:events'
import { createServer } from 'node:net'
import { Hono } from 'hono'
import { expect, onTestFinished, test, vi } from 'vitest'
import { accessWith } from '../../test/support/access.js'
import { openWebSocket } from '../../test/support/listener.js'
import { freePorts } from '../../test/support/program.js'
import { silentLog } from '../log.js'
import { defaultConfig } from '../config/parse.js'
import { createConnectionCount } from './connection/connection-limits.js'
import { createMessageLimits } from './websocket/message-limits.js'
import { createListeners, type Listeners, type Endpoint } from './listeners.js'

const at = (port: number): Endpoint => ({ port, address: '127.0.0.1', certificate: undefined })

/** Doors on free ports, each of which says its name and echoes what WebSockets send; closed when the test ends. */
async function openDoors(count: number): Promise<{ doors: Listeners; ports: number[]; lines: string[] }> {
  const ports = await freePorts(count + 1)
  const lines: string[] = []
  const doors = createListeners({ ...silentLog, error: (line) => void lines.push(line) })
  onTestFinished(async () => await doors[Symbol.asyncDispose]())
  for (let i = 0; i < count; i++) {
    const app = new Hono().get('/', (c) => c.text(`door ${i}`))
    const limits = () => defaultConfig().limits
    const connectionCount = createConnectionCount(limits)
    const messageLimits = createMessageLimits(limits)
    const shared = { limits, connectionCount, messageLimits, countOffer: () => {} }
    const room = { app, access: accessWith(), ...shared, log: silentLog }
    const socketFor = () => (socket: { send(text: string): void }) => socket.send(JSON.stringify(i))
    await doors.open(`camera${i}.webrtc-port`, at(ports[i]!), { ...room, socketFor })
  }
  return { doors, ports, lines }
}

const said = async (port: number): Promise<string> =>
  await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } }).then(
    async (response) => await response.text(),
    () => 'nobody',
  )

test('a door that moves is gone from its port, and who is in stays in', async () => {
  const { doors, ports, lines } = await openDoors(1)
  const { socket, messages } = await openWebSocket(`ws://127.0.0.1:${ports[0]}/`)
  await doors.move(new Map([['camera0.webrtc-port', at(ports[1]!)]]))
  expect([await said(ports[0]!), await said(ports[1]!)]).toEqual(['nobody', 'door 0'])
  expect([socket.readyState, messages, lines]).toEqual([socket.OPEN, [0], []])
  expect(doors.port('camera0.webrtc-port')).toBe(ports[1])
})

test('a former port is forgotten when its last connection has closed', async () => {
  const { doors, ports } = await openDoors(1)
  const { socket } = await openWebSocket(`ws://127.0.0.1:${ports[0]}/`)
  await doors.move(new Map([['camera0.webrtc-port', at(ports[1]!)]]))
  expect(doors.retired).toBe(1)
  socket.close()
  await vi.waitFor(() => expect(doors.retired).toBe(0), 5000)
})

test('doors change places', async () => {
  const { doors, ports } = await openDoors(2)
  await doors.move(
    new Map([
      ['camera0.webrtc-port', at(ports[1]!)],
      ['camera1.webrtc-port', at(ports[0]!)],
    ]),
  )
  expect([await said(ports[0]!), await said(ports[1]!)]).toEqual(['door 1', 'door 0'])
})

test('a door whose new port is taken stays where it was, says so, and is moved when it can be', async () => {
  const { doors, ports, lines } = await openDoors(1)
  const holder = createServer().listen(ports[1], '127.0.0.1')
  await once(holder, 'listening')
  const wanted = new Map([['camera0.webrtc-port', at(ports[1]!)]])
  await doors.move(wanted)
  expect(lines).toEqual([
    `camera0.webrtc-port: port ${ports[1]} is in use by another program; stop it or set another port; until then it stays at port ${ports[0]}`,
  ])
  expect(await said(ports[0]!)).toBe('door 0')
  await once(holder.close(), 'close')
  await doors.move(wanted)
  expect([await said(ports[0]!), await said(ports[1]!)]).toEqual(['nobody', 'door 0'])
})

test('a door that is to stay is not touched', async () => {
  const { doors, ports } = await openDoors(1)
  const { socket } = await openWebSocket(`ws://127.0.0.1:${ports[0]}/`)
  await doors.move(new Map([['camera0.webrtc-port', at(ports[0]!)]]))
  expect(await said(ports[0]!)).toBe('door 0')
  expect(socket.readyState).toBe(socket.OPEN)
})

test('all are gone in the end, those too that stayed at a port which was left', async () => {
  const { doors, ports } = await openDoors(1)
  const { socket } = await openWebSocket(`ws://127.0.0.1:${ports[0]}/`)
  await doors.move(new Map([['camera0.webrtc-port', at(ports[1]!)]]))
  const closed = once(socket, 'close')
  await doors[Symbol.asyncDispose]()
  await closed
  expect(await said(ports[1]!)).toBe('nobody')
})
