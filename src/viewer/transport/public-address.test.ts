import { expect, onTestFinished, test, vi } from 'vitest'
import { BINDING_SUCCESS, writeStun, xorMappedAddress } from '../../../test/support/viewer-stun.js'
import type { MappedAddress } from '../../lib/stun.js'
import { PublicAddress } from './public-address.js'
import type { ReflexiveSocket } from './stun-server.js'

const ADDRESSES = ['198.51.100.1', '2001:db8::1']
const first = { address: '203.0.113.7', port: 40_000 }
const second = { address: '203.0.113.8', port: 41_000 }
const third = { address: '2001:db8::7', port: 8189 }

/** A media socket whose STUN server answers with `answers`, by the address asked; undefined: it is silent. */
function openSocket(families: 'ipv4' | 'both' = 'ipv4') {
  const answers = new Map<string, MappedAddress | undefined>()
  const asked: string[] = []
  const socket: ReflexiveSocket = {
    canSendTo: (address) => families === 'both' || !address.includes(':'),
    onForeignResponse: () => false,
    send: (request, to) => {
      asked.push(to.address)
      const mapped = answers.get(to.address)
      const transactionId = request.subarray(8, 20)
      if (mapped === undefined) return true
      const attributes = [xorMappedAddress(mapped.address, mapped.port, transactionId)]
      const response = writeStun({ type: BINDING_SUCCESS, transactionId, attributes })
      queueMicrotask(() => socket.onForeignResponse(response, to))
      return true
    },
  }
  return { socket, answers, asked }
}

/** A public address on a clock that the test moves, asked for at the start as the server does. */
async function open(
  options: { families?: 'ipv4' | 'both'; answer?: MappedAddress; resolve?: () => Promise<string[]> } = {},
) {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { socket, answers, asked } = openSocket(options.families)
  if (options.answer !== undefined) answers.set('198.51.100.1', options.answer)
  const config = { server: 'stun:stun.example.org:3478' as string | undefined }
  const media = { mux: socket }
  const logged: string[] = []
  const note = (message: string, fields = {}): void =>
    void logged.push(`${message} ${JSON.stringify(fields)}`)
  const log = { debug: vi.fn(), error: vi.fn(), info: note, warn: note }
  const resolve = vi.fn(options.resolve ?? (async () => await Promise.resolve(ADDRESSES)))
  const address = new PublicAddress({ server: () => config.server, media, log, resolve })
  onTestFinished(() => address[Symbol.dispose]())
  address.refresh()
  await vi.advanceTimersByTimeAsync(0)
  const pass = async (seconds: number) => await vi.advanceTimersByTimeAsync(1000 * seconds)
  return { address, answers, asked, config, media, logged, resolve, pass }
}

test('it is asked once at the start, and then only while something uses it', async () => {
  const { address, asked, logged, pass } = await open({ answer: first })
  expect([address.known, address.isAsking, asked.length]).toEqual([[first], false, 1])
  await pass(600)
  expect(asked.length).toBe(1)
  const users = [address.use(), address.use()]
  await pass(61)
  expect(asked.length).toBe(4)
  users[0]![Symbol.dispose]()
  users[0]![Symbol.dispose]()
  await pass(20)
  expect(asked.length).toBe(5)
  users[1]![Symbol.dispose]()
  await pass(600)
  expect(asked.length).toBe(5)
  expect(logged).toEqual([expect.stringContaining('"address":"203.0.113.7:40000"')])
})

test('a viewer that comes within ten seconds of a response causes no request, a later one does', async () => {
  const { address, asked, pass } = await open({ answer: first })
  await pass(9)
  for (let viewers = 0; viewers < 50; viewers++) address.refresh()
  expect(asked.length).toBe(1)
  await pass(2)
  for (let viewers = 0; viewers < 50; viewers++) address.refresh()
  expect([asked.length, address.isAsking, address.known]).toEqual([2, true, [first]])
  await pass(0)
  expect(address.isAsking).toBe(false)
})

test('a new address is logged and reported once, and replaces the old one', async () => {
  const { address, answers, logged, pass } = await open({ answer: first })
  const changes = vi.fn()
  address.onChange(changes)
  using _viewer = address.use()
  await pass(60)
  expect([changes.mock.calls.length, logged.length]).toEqual([0, 1])
  answers.set('198.51.100.1', second)
  await pass(60)
  expect(address.known).toEqual([second])
  expect(changes).toHaveBeenCalledOnce()
  expect(logged.slice(1)).toEqual([
    expect.stringMatching(/"203\.0\.113\.8:41000","before":"203\.0\.113\.7:40000"/),
  ])
})

test('a silent server leaves what is known, is logged once, and is asked again for the next viewer', async () => {
  const { address, answers, asked, logged, pass } = await open()
  expect([address.known, address.isAsking]).toEqual([[], true])
  await pass(40)
  expect([address.isAsking, asked.length]).toEqual([false, 7])
  await pass(40)
  address.refresh()
  expect([address.isAsking, asked.length]).toEqual([true, 7]) // the name is resolved again first
  await pass(40)
  expect(logged).toEqual([expect.stringContaining('it does not respond')])
  answers.set('198.51.100.1', first)
  await pass(10)
  address.refresh()
  await pass(0)
  expect(address.known).toEqual([first])
  answers.clear()
  await pass(20)
  address.refresh()
  await pass(60)
  expect(address.known).toEqual([first])
  expect(logged.length).toBe(3)
})

test('a name server that never answers is asked once, and nothing waits for it', async () => {
  const { address, asked, resolve, pass } = await open({
    resolve: async () => await new Promise<never>(() => {}),
  })
  const signalled = (resolve.mock.calls as unknown as [string, AbortSignal][])[0]![1]
  for (let viewers = 0; viewers < 50; viewers++) address.refresh()
  using _viewer = address.use()
  await pass(600)
  expect([address.known, address.isAsking, asked.length, resolve.mock.calls.length]).toEqual([[], true, 0, 1])
  address[Symbol.dispose]()
  expect([signalled.aborted, address.isAsking]).toEqual([true, false])
})

test('a name that cannot be resolved is logged once, and tried again every five seconds at most', async () => {
  const { address, logged, resolve, pass } = await open({
    resolve: async () => await Promise.reject(new Error('queryA ETIMEOUT stun.example.org')),
  })
  for (let seconds = 0; seconds < 60; seconds++) {
    address.refresh()
    await pass(1)
  }
  expect(resolve.mock.calls.length).toBe(12)
  expect(logged).toEqual([expect.stringContaining('cannot be resolved (queryA ETIMEOUT stun.example.org)')])
})

test('both families are asked, and IPv6 that fails delays neither the address of IPv4 nor its refresh', async () => {
  const { address, answers, asked, logged, pass } = await open({ families: 'both', answer: first })
  using _viewer = address.use()
  expect([address.known, address.isAsking]).toEqual([[first], true])
  await pass(61)
  expect(asked.filter((to) => to === '198.51.100.1').length).toBe(4)
  answers.set('2001:db8::1', third)
  await pass(60)
  expect(address.known).toEqual([first, third])
  expect(logged.length).toBe(2)
})

test.each([
  ['0.0.0.0', 1],
  ['127.0.0.1', 8189],
  ['169.254.1.1', 8189],
  ['224.0.0.1', 8189],
  ['255.255.255.255', 8189],
  ['203.0.113.7', 0],
  ['2001:db8::7', 8189],
])('%s port %d is no public IPv4 address', async (host, port) => {
  const { address, logged, pass } = await open({ answer: { address: host, port } })
  await pass(1)
  expect(address.known).toEqual([])
  expect(logged).toEqual([expect.stringContaining('its response has no usable address')])
})

test('what is known belongs to the server and the socket: a reload forgets it and asks again', async () => {
  const { address, asked, config, media } = await open({ answer: first })
  const moved = openSocket()
  moved.answers.set('198.51.100.1', second)
  media.mux = moved.socket
  expect(address.known).toEqual([])
  address.refresh()
  await vi.advanceTimersByTimeAsync(0)
  expect([address.known, asked.length, moved.asked.length]).toEqual([[second], 1, 1])
  config.server = 'stun:other.example.org:3478'
  address.refresh()
  await vi.advanceTimersByTimeAsync(0)
  expect([address.known, moved.asked.length]).toEqual([[second], 2])
  config.server = undefined
  address.refresh()
  expect([address.known, address.isAsking]).toEqual([[], false])
  expect(address.counts).toEqual({ requests: 3, responses: 3, forged: 0 })
})

test('without a STUN server nothing is sent', async () => {
  const { address, asked, config, pass } = await open({ answer: first })
  config.server = undefined
  using _viewer = address.use()
  await pass(600)
  expect([address.known, asked.length]).toEqual([[], 1])
})
