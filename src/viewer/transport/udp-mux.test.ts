import { createSocket, type Socket } from 'node:dgram'
import { EventEmitter } from 'node:events'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openStranger } from '../../../test/support/viewer-stranger.js'
import {
  BINDING_ERROR,
  BINDING_REQUEST,
  BINDING_SUCCESS,
  connectivityCheck,
  writeStun,
} from '../../../test/support/viewer-stun.js'
import { becomes } from '../../../test/support/viewer-server.js'
import { openUdpBatches } from '../../udp/open.js'
import { openUdpMux, UdpMux, type Address, type MuxAgent } from './udp-mux.js'
import { bindUdpSocket } from './udp-socket.js'
import { UdpSockets } from './udp-sockets.js'
import { UnprovenChecks } from './unproven-checks.js'

const browser = { address: '192.0.2.1', port: 5000 }
const elsewhere = { address: '192.0.2.2', port: 6000 }
const dtls = Buffer.from([22, 1, 2, 3])

function fakeMux(family = 'IPv4') {
  const sent: [Buffer, number, string][] = []
  const queue: Buffer[] = []
  const socket = Object.assign(new EventEmitter(), {
    address: () => ({ address: '0.0.0.0', port: 8889, family }),
    send: (datagram: Buffer, port: number, address: string) => void sent.push([datagram, port, address]),
    getSendQueueCount: () => queue.length,
    getSendQueueSize: () => queue.reduce((sum, { length }) => sum + length, 0),
  })
  const errors: Error[] = []
  const mux = new UdpMux(
    (events) => new UdpSockets(socket as unknown as Socket, events),
    (error) => errors.push(error),
  )
  const receive = (datagram: Buffer, from: Address): void => void socket.emit('message', datagram, from)
  return { mux, sent, queue, errors, receive }
}

/** Takes every check whose text says `pass`; its client has sent a megabyte, which allows many checks. */
function agent(ufrag: string): MuxAgent & { got: [Buffer, Address][] } {
  const got: [Buffer, Address][] = []
  const unprovenChecks = new UnprovenChecks(() => true)
  unprovenChecks.received(1_000_000)
  return {
    ufrag,
    unprovenChecks,
    got,
    authenticates: (check) => check.includes('pass'),
    provesAddress: () => false,
    receive: (datagram, { address, port }) => void got.push([datagram, { address, port }]),
  }
}
const good = (to: string): Buffer => connectivityCheck({ to, from: 'pass' })

test('a mux says which implementation sends its datagrams', async () => {
  expect(fakeMux().mux.sendImplementation).toBe('documented')
  await using mux = await openUdpMux(0, '127.0.0.1', () => {})
  expect(mux.sendImplementation).toBe('direct')
})

test('an address belongs to the agent whose password it knows, and to nobody before', () => {
  const { mux, receive } = fakeMux()
  const [first, second] = [agent('first'), agent('second')]
  mux.attach(first)
  mux.attach(second)
  receive(dtls, browser)
  expect(mux.dropped.unknownAddress).toBe(1)
  receive(connectivityCheck({ to: 'second', from: 'wrong' }), browser)
  receive(connectivityCheck({ to: 'nobody', from: 'pass' }), browser)
  receive(writeStun({ type: BINDING_REQUEST }), browser)
  receive(dtls, browser)
  expect(mux.dropped).toMatchObject({ badIntegrity: 1, unknownUfrag: 2, unknownAddress: 2 })
  receive(good('second'), browser)
  receive(dtls, browser)
  receive(dtls, elsewhere)
  expect(first.got).toEqual([])
  expect(second.got.slice(1)).toEqual([[dtls, browser]])
  expect(mux.dropped.unknownAddress).toBe(3)
})

test('an address in use cannot be taken over, one that fell silent can', () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const { mux, receive } = fakeMux()
  const [first, second] = [agent('first'), agent('second')]
  mux.attach(first)
  const leaves = mux.attach(second)
  receive(good('first'), browser)
  for (const waitMs of [6000, 12_000]) {
    vi.advanceTimersByTime(waitMs) // Firefox checks every 4 to 6 seconds, and one check may get lost
    receive(good('second'), browser)
    receive(dtls, browser)
    receive(good('first'), browser)
  }
  expect(mux.dropped.foreignAddress).toBe(2)
  expect(second.got).toEqual([])
  vi.advanceTimersByTime(20_000)
  receive(good('second'), browser)
  receive(dtls, browser)
  expect(second.got.at(-1)).toEqual([dtls, browser])
  leaves[Symbol.dispose]()
  expect(mux.held).toMatchObject({ agents: 1, addresses: 0 })
})

test('an answer goes to the agent that asked, once, wherever it comes from', () => {
  const { mux, receive, sent } = fakeMux()
  const [asks, other] = [agent('asks'), agent('other')]
  mux.attach(asks)
  mux.attach(other)
  const check = good('theirs')
  const answer = writeStun({ type: BINDING_SUCCESS, transactionId: check.subarray(8, 20) })
  receive(answer, browser)
  mux.sendCheck(asks, check, browser)
  expect(sent).toEqual([[check, 5000, '192.0.2.1']])
  receive(answer, elsewhere)
  receive(answer, elsewhere)
  expect(asks.got).toEqual([[answer, elsewhere]])
  expect(other.got).toEqual([])
  expect(mux.dropped.unknownTransaction).toBe(2)
})

test('checks to an address are limited until it answers one, and what is withheld is counted', () => {
  const { mux, receive, sent } = fakeMux()
  const asks = agent('asks')
  mux.attach(asks)
  const first = good('theirs')
  const answer = writeStun({ type: BINDING_SUCCESS, transactionId: first.subarray(8, 20) })
  mux.sendCheck(asks, first, browser)
  for (let i = 0; i < 9; i++) mux.sendCheck(asks, first, browser)
  expect([sent.length, mux.dropped.unprovenAddress]).toEqual([5, 5])
  receive(answer, elsewhere) // only the host that has seen the check knows its id; from elsewhere it proves nothing
  mux.sendCheck(asks, first, browser)
  expect([sent.length, mux.dropped.unprovenAddress]).toEqual([5, 6])
  receive(good('asks'), browser)
  mux.sendCheck(asks, first, browser)
  receive(answer, browser)
  for (let i = 0; i < 20; i++) mux.sendCheck(asks, first, browser)
  expect([sent.length, mux.dropped.unprovenAddress]).toEqual([26, 6])
  expect(mux.held.transactions).toBe(1)
})

test('errors in answer to checks are heard eight times', () => {
  const { mux, receive } = fakeMux()
  const asks = agent('asks')
  mux.attach(asks)
  for (let i = 0; i < 20; i++) {
    const check = good('theirs')
    mux.sendCheck(asks, check, browser)
    receive(writeStun({ type: BINDING_ERROR, transactionId: check.subarray(8, 20) }), browser)
  }
  expect(asks.got.length).toBe(8)
  expect(mux.dropped.errorFlood).toBe(12)
})

test('what is remembered has a limit, and goes with the agent', () => {
  const { mux, receive } = fakeMux()
  const asks = agent('asks')
  const leaves = mux.attach(asks)
  const check = good('theirs')
  mux.sendCheck(asks, check, browser)
  receive(writeStun({ type: BINDING_SUCCESS, transactionId: check.subarray(8, 20) }), browser)
  for (let i = 0; i < 5000; i++) {
    mux.sendCheck(asks, good('theirs'), browser)
    receive(good('asks'), { address: '192.0.2.1', port: 1000 + i })
  }
  expect(mux.held).toEqual({ agents: 1, addresses: 32, transactions: 4096 })
  leaves[Symbol.dispose]()
  expect(mux.held).toEqual({ agents: 0, addresses: 0, transactions: 0 })
  mux.sendCheck(asks, good('theirs'), browser)
  expect(mux.held.transactions).toBe(0)
})

test('on a socket for both families, an IPv4 address is mapped on its way out and in', () => {
  const { mux, receive, sent } = fakeMux('IPv6')
  const takes = agent('takes')
  mux.attach(takes)
  mux.send(dtls, browser)
  mux.send(dtls, { address: '2001:db8::1', port: 1 })
  expect(sent.map(([, , address]) => address)).toEqual(['::ffff:192.0.2.1', '2001:db8::1'])
  receive(good('takes'), { address: '::ffff:192.0.2.1', port: 5000 })
  expect(takes.got[0]![1]).toEqual(browser)
})

test('an agent that throws is reported, and ends nothing', () => {
  const { mux, receive, errors } = fakeMux()
  mux.attach({
    ...agent('throws'),
    receive: () => {
      throw new Error('a bug')
    },
  })
  receive(good('throws'), browser)
  expect(errors.map(({ message }) => message)).toEqual(['a bug'])
})

test.each(['127.0.0.1', '::1'])('a mux on %s receives and sends', async (address) => {
  const mux = await openUdpMux(0, address, () => {})
  onTestFinished(async () => await mux[Symbol.asyncDispose]())
  const stranger = await openStranger(mux.port, address)
  stranger.send(dtls)
  await becomes(() => expect(mux.dropped.unknownAddress).toBe(1))
  mux.send(dtls, stranger.address)
  await vi.waitFor(async () => expect(await stranger.replies()).toEqual([dtls]))
})

test('checks and answers to a client leave from the address at which it was heard last', async () => {
  const main = bindUdpSocket({ port: 0, address: '0.0.0.0', isShared: true })
  const mux = new UdpMux(
    (events) => new UdpSockets(main, events, () => ['127.0.0.2', '127.0.0.3']),
    () => {},
  )
  onTestFinished(async () => await mux[Symbol.asyncDispose]())
  const answers: MuxAgent = {
    ...agent('answers'),
    receive: (datagram, from) => {
      mux.send(datagram, mux.pathTo(from))
      mux.sendCheck(answers, good('theirs'), { address: from.address, port: from.port })
    },
  }
  mux.attach(answers)
  const client = createSocket('udp4')
  onTestFinished(() => void client.close())
  const sources: string[] = []
  client.on('message', (_datagram, { address }) => sources.push(address))
  for (const [i, address] of ['127.0.0.2', '127.0.0.3', '127.0.0.2'].entries()) {
    client.send(good('answers'), mux.port, address)
    await becomes(() => expect(sources.length).toBe(2 * i + 2))
    client.send(dtls, mux.port, address)
    await becomes(() => expect(sources.splice(2 * i + 2).length).toBe(2))
  }
  expect(sources).toEqual(['127.0.0.2', '127.0.0.2', '127.0.0.3', '127.0.0.3', '127.0.0.2', '127.0.0.2'])
})

test('a port that is taken is refused by name', async () => {
  const mux = await openUdpMux(0, '127.0.0.1', () => {})
  onTestFinished(async () => await mux[Symbol.asyncDispose]())
  await expect(openUdpMux(mux.port, '127.0.0.1', () => {})).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await expect(openUdpMux(0, '192.0.2.1', () => {})).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' })
})

test('media of several viewers waits for the flush, and leaves from the socket at which each was heard', async () => {
  const { batches } = await openUdpBatches()
  const main = bindUdpSocket({ port: 0, address: '0.0.0.0', isShared: true })
  const mux = new UdpMux(
    (events) => new UdpSockets(main, events, () => ['127.0.0.2', '127.0.0.3'], batches),
    () => {},
  )
  onTestFinished(async () => await mux[Symbol.asyncDispose]())
  expect(mux.sendImplementation).toBe(batches.via)
  const clients = await Promise.all(
    ['127.0.0.2', '127.0.0.3'].map(async (local) => {
      const ufrag = `at ${local}`
      const paths: Address[] = []
      mux.attach({ ...agent(ufrag), receive: (_datagram, from) => void paths.push(from) })
      const socket = createSocket('udp4')
      onTestFinished(() => void socket.close())
      const got: string[] = []
      socket.on('message', (datagram, from) => got.push(`${datagram.toString()} from ${from.address}`))
      socket.send(good(ufrag), mux.port, local)
      await becomes(() => expect(paths).toHaveLength(1))
      return { local, got, path: paths[0]! }
    }),
  )
  const memory = Buffer.alloc(1)
  for (const text of ['1', '2', '3'])
    for (const { path } of clients) {
      memory.write(text)
      mux.sendBatched(memory, path)
    }
  for (const { path } of clients) mux.send(Buffer.from('at once'), path)
  await becomes(() => expect(clients.map(({ got }) => got.length)).toEqual([1, 1]))
  batches.flush()
  for (const { local, got } of clients)
    await becomes(() =>
      expect(got).toEqual(['at once', '1', '2', '3'].map((text) => `${text} from ${local}`)),
    )
})

test('without batches, media is bounded as the rest is while it waits for room', () => {
  const { mux, sent, queue } = fakeMux()
  queue.push(Buffer.alloc(2 * 1024 * 1024))
  mux.sendBatched(dtls, browser)
  mux.sendBatched(dtls, browser)
  expect([sent.length, mux.dropped.noRoom]).toEqual([1, 1])
})

test('without batches, media is copied: into the same memory, unless it waits for room', () => {
  const { mux, sent, queue } = fakeMux()
  const packet = Buffer.alloc(40)
  const send = (text: string): void => {
    packet.fill(text)
    mux.sendBatched(packet, browser)
  }
  send('1')
  send('2')
  expect(sent[0]![0].buffer).toBe(sent[1]![0].buffer)
  queue.push(dtls)
  for (const text of ['3', '4', '5']) send(text)
  expect(sent.slice(2).map(([datagram]) => datagram)).toEqual(
    ['3', '4', '5'].map((text) => Buffer.alloc(40, text)),
  )
  expect(new Set(sent.map(([{ buffer }]) => buffer)).size).toBe(3)
})

test('a datagram is ours again unless some wait for room in the kernel', () => {
  const { mux, queue } = fakeMux()
  expect(mux.send(dtls, browser)).toBe(true)
  queue.push(dtls)
  expect(mux.send(dtls, browser)).toBe(false)
})

test('what waits for room in the kernel is bounded: the rest is lost, until there is room again', () => {
  const { mux, sent, queue } = fakeMux()
  const packet = Buffer.alloc(100)
  queue.push(Buffer.alloc(2 * 1024 * 1024))
  expect(mux.send(packet, browser)).toBe(false)
  expect(mux.send(packet, browser)).toBe(true)
  expect([sent.length, mux.dropped.noRoom]).toEqual([1, 1])
  queue.splice(0, 1, Buffer.alloc(1000))
  expect(mux.send(packet, browser)).toBe(false)
  queue.length = 0
  expect(mux.send(packet, browser)).toBe(true)
  expect([sent.length, mux.dropped.noRoom]).toEqual([3, 1])
})
