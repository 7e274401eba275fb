import { expect, onTestFinished, test, vi } from 'vitest'
import { openFrames, frame, type FrameClient } from '../../../test/support/frame-client.js'
import { BINDING_ERROR, connectivityCheck, writeStun } from '../../../test/support/viewer-stun.js'
import { becomes } from '../../../test/support/viewer-server.js'
import type { TcpConnection } from './tcp-connection.js'
import { openTcpMux, type TcpAgent } from './tcp-mux.js'

const dtls = Buffer.from([22, 1, 2, 3])
const good = (to: string): Buffer => connectivityCheck({ to, from: 'pass' })

async function opened(address = '127.0.0.1') {
  const errors: Error[] = []
  const mux = await openTcpMux(0, address, (error) => errors.push(error))
  onTestFinished(async () => await mux[Symbol.asyncDispose]())
  const join = async (from?: string): Promise<FrameClient & { got: Buffer[] }> => {
    const got: Buffer[] = []
    const client = await openFrames(mux.port, (packet) => got.push(packet), { address, from })
    onTestFinished(() => void client.socket.destroy())
    return { ...client, got }
  }
  return { mux, errors, join }
}

/** Accepts every check whose text says `pass`. */
function agent(ufrag: string) {
  const got: [Buffer, TcpConnection][] = []
  const onTcpClosed = vi.fn()
  return {
    ufrag,
    got,
    onTcpClosed,
    authenticates: (check: Buffer) => check.includes('pass'),
    receiveFrame: (packet: Buffer, from: TcpConnection) => void got.push([packet, from]),
  } satisfies TcpAgent & Record<string, unknown>
}

test('the first authenticated check gives a connection to its viewer, for all that follows', async () => {
  const { mux, join } = await opened()
  const [first, second] = [agent('first'), agent('second')]
  mux.attach(first)
  const attachment = mux.attach(second)
  const client = await join()
  const check = good('second')
  for (const packet of [check, dtls, good('first'), connectivityCheck({ to: 'second', from: 'wrong' }), dtls])
    client.send(packet)
  await becomes(() => expect(second.got.map(([packet]) => packet)).toEqual([check, dtls, dtls]))
  expect(first.got).toEqual([])
  expect(mux.dropped.foreignCheck).toBe(2)
  const [, connection] = second.got[0]!
  expect(attachment.connectionFrom('127.0.0.1', client.socket.localPort!)).toBe(connection)
  connection.send(dtls)
  connection.send(check)
  await becomes(() => expect(client.got).toEqual([dtls, check]))
})

test.each([
  ['a check with a wrong password', connectivityCheck({ to: 'viewer', from: 'wrong' })],
  ['a check for nobody', good('nobody')],
  ['DTLS', dtls],
  ['a response', writeStun({ type: BINDING_ERROR })],
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ['more than a check can have', Buffer.alloc(801, 1)],
])('%s as the first packet closes the connection without a reply', async (_title, packet) => {
  const { mux, join } = await opened()
  const viewer = agent('viewer')
  mux.attach(viewer)
  const client = await join()
  client.sendBytes(packet.toString().startsWith('GET') ? packet : frame(packet))
  await client.closed
  expect([viewer.got, client.got]).toEqual([[], []])
  expect(mux.held).toEqual({ agents: 1, connections: 0 })
})

test('a connection without an authenticated check is closed after five seconds, also if it dribbles', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const { mux, join } = await opened()
  mux.attach(agent('viewer'))
  const clients = [await join(), await join()]
  await vi.waitUntil(() => mux.held.connections === 2)
  for (const byte of frame(good('viewer')).subarray(0, 20)) clients[0]!.sendBytes(Buffer.from([byte]))
  vi.advanceTimersByTime(5000)
  await Promise.all(clients.map(async ({ closed }) => await closed))
  expect(mux.dropped.tooLate).toBe(2)
  expect(mux.held.connections).toBe(0)
})

test('connections without a check are limited per address; those with one are not counted', async () => {
  const { mux, join } = await opened()
  mux.attach(agent('viewer'))
  const viewer = await join('127.0.0.2')
  viewer.send(good('viewer'))
  const strangers = await Promise.all(Array.from({ length: 65 }, async () => await join('127.0.0.2')))
  await becomes(() => expect(strangers.filter((stranger) => stranger.isClosed()).length).toBe(1))
  expect(mux.dropped.tooMany).toBe(1)
  const neighbour = await join('127.0.0.3')
  neighbour.send(good('viewer'))
  await becomes(() => expect(mux.held.connections).toBe(66))
  expect([viewer.isClosed(), neighbour.isClosed()]).toEqual([false, false])
})

test('a viewer keeps its eight connections that were used last', async () => {
  const { mux, join } = await opened()
  const viewer = agent('viewer')
  mux.attach(viewer)
  const clients: FrameClient[] = []
  const check = async (client: FrameClient): Promise<void> => {
    const before = viewer.got.length
    client.send(good('viewer'))
    await becomes(() => expect(viewer.got.length).toBe(before + 1))
  }
  for (let i = 0; i < 8; i++) {
    clients.push(await join())
    await check(clients[i]!)
  }
  await check(clients[0]!)
  await check(await join())
  await clients[1]!.closed
  expect(clients.map((client) => client.isClosed())).toEqual([false, true, ...Array<boolean>(6).fill(false)])
})

test('a viewer that leaves takes its connections along, once they are read', async () => {
  const { mux, join } = await opened()
  const viewer = agent('viewer')
  const attachment = mux.attach(viewer)
  const client = await join()
  client.send(good('viewer'))
  await becomes(() => expect(viewer.got.length).toBe(1))
  viewer.got[0]![1].send(dtls)
  attachment[Symbol.dispose]()
  await client.closed
  expect(client.got).toEqual([dtls])
  await becomes(() => expect(mux.held).toEqual({ agents: 0, connections: 0 }))
})

test('a client that does not read loses whole packets, and what waits for it is bounded', async () => {
  const { mux, join } = await opened()
  const viewer = agent('viewer')
  mux.attach(viewer)
  const client = await join()
  client.send(good('viewer'))
  await becomes(() => expect(viewer.got.length).toBe(1))
  const [, connection] = viewer.got[0]!
  client.pause()
  const packetOf = (i: number): Buffer => Buffer.alloc(1200, i)
  let sent = 0
  await becomes(() => {
    for (let i = 0; i < 200; i++) connection.send(packetOf(sent++))
    expect(connection.dropped).toBeGreaterThan(1000)
  })
  expect(connection.queuedBytes).toBeLessThan(300_000)
  client.resume()
  await becomes(() => expect(connection.queuedBytes).toBe(0))
  await becomes(() => expect(client.got.length).toBe(sent - connection.dropped))
  expect(client.got.every((packet) => packet.equals(packetOf(packet[0]!)))).toBe(true)
})

test('a reset is noticed by the viewer, and ends nothing else', async () => {
  const { mux, errors, join } = await opened()
  const viewer = agent('viewer')
  mux.attach(viewer)
  const [resets, stays] = [await join(), await join()]
  for (const client of [resets, stays]) client.send(good('viewer'))
  await becomes(() => expect(viewer.got.length).toBe(2))
  resets.socket.resetAndDestroy()
  await becomes(() => expect(viewer.onTcpClosed).toHaveBeenCalledOnce())
  stays.send(dtls)
  await becomes(() => expect(viewer.got.at(-1)![0]).toEqual(dtls))
  expect(errors).toEqual([])
})

test('errors in answer to checks are heard eight times', async () => {
  const { mux, join } = await opened()
  const viewer = agent('viewer')
  mux.attach(viewer)
  const client = await join()
  client.send(good('viewer'))
  for (let i = 0; i < 20; i++) client.send(writeStun({ type: BINDING_ERROR }))
  client.send(dtls)
  await becomes(() => expect(viewer.got.at(-1)![0]).toEqual(dtls))
  expect(viewer.got.length).toBe(1 + 8 + 1)
  expect(mux.dropped.errorFlood).toBe(12)
})

test('an agent that throws is reported, and ends nothing', async () => {
  const { mux, errors, join } = await opened()
  mux.attach({
    ...agent('throws'),
    receiveFrame: () => {
      throw new Error('a bug')
    },
  })
  const client = await join()
  client.send(good('throws'))
  await becomes(() => expect(errors.map(({ message }) => message)).toEqual(['a bug']))
  expect(client.isClosed()).toBe(false)
})

test('a port for both families has IPv4 clients by their own address', async () => {
  const { mux } = await opened('::')
  const viewer = agent('viewer')
  mux.attach(viewer)
  const client = await openFrames(mux.port, () => {}, { address: '127.0.0.1' })
  client.send(good('viewer'))
  await becomes(() => expect(viewer.got[0]?.[1].address).toBe('127.0.0.1'))
  client.socket.destroy()
})

test('a port that is taken is refused by name', async () => {
  const { mux } = await opened()
  await expect(openTcpMux(mux.port, '127.0.0.1', () => {})).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
