import { expect, onTestFinished, test, vi } from 'vitest'
import {
  BINDING_ERROR,
  BINDING_SUCCESS,
  errorCode,
  writeStun,
  xorMappedAddress,
  type Attribute,
} from '../../../test/support/viewer-stun.js'
import { isBindingRequest, transactionIdOf, type MappedAddress } from '../../lib/stun.js'
import { StunClient, type StunOutcome, type StunSocket } from './stun-client.js'

const server = { address: '198.51.100.1', port: 3478 }
const mapped = { address: '203.0.113.7', port: 40_000 }

/** A client on a socket without a network, on a clock that the test moves. */
function open() {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const sent: { atMs: number; request: Buffer; to: MappedAddress }[] = []
  const startMs = performance.now()
  const socket: StunSocket = {
    send: (request, to) => sent.push({ atMs: Math.round(performance.now() - startMs), request, to }) > 0,
    onForeignResponse: () => false,
  }
  const client = new StunClient(socket)
  const respond = (
    fields: { type?: number; attributes?: Attribute[]; id?: Buffer; from?: MappedAddress } = {},
  ): boolean => {
    const {
      type = BINDING_SUCCESS,
      attributes = [xorMappedAddress(mapped.address, mapped.port)],
      id = sent.at(-1)!.request.subarray(8, 20),
      from = server,
    } = fields
    return socket.onForeignResponse(writeStun({ type, attributes, transactionId: id }), from)
  }
  return { client, sent, socket, respond }
}

test('the response of the server has the mapped address, and ends the repetition', async () => {
  const { client, sent, respond } = open()
  const outcome = client.ask(server)
  expect(sent.map(({ request, to }) => [isBindingRequest(request), request.length, to])).toEqual([
    [true, 20, server],
  ])
  expect(respond()).toBe(true)
  expect(await outcome).toEqual({ kind: 'answered', mapped })
  await vi.advanceTimersByTimeAsync(60_000)
  expect([sent.length, client.open]).toEqual([1, 0])
  expect(respond()).toBe(false)
  expect(client.counts).toEqual({ requests: 1, responses: 1, forged: 0 })
})

test('a silent server is asked seven times, with waits that double, and given up after 39.5 s (RFC 8489 section 6.2.1)', async () => {
  const { client, sent } = open()
  let outcome: StunOutcome | undefined
  void client.ask(server).then((one) => (outcome = one))
  await vi.advanceTimersByTimeAsync(39_400)
  expect(sent.map(({ atMs }) => atMs)).toEqual([0, 500, 1500, 3500, 7500, 15_500, 31_500])
  expect(new Set(sent.map(({ request }) => transactionIdOf(request))).size).toBe(1)
  expect(outcome).toBeUndefined()
  await vi.advanceTimersByTimeAsync(200)
  expect(outcome).toEqual({ kind: 'silent' })
  expect(client.open).toBe(0)
})

test('responses of others, and of the server to no request of ours, change nothing', async () => {
  const { client, respond } = open()
  const outcome = client.ask(server)
  expect(respond({ from: { ...server, port: 3479 } })).toBe(false)
  expect(respond({ from: { ...server, address: '198.51.100.2' } })).toBe(false)
  expect(client.counts.forged).toBe(2)
  expect(respond({ id: Buffer.alloc(12) })).toBe(false)
  expect(respond({ type: 0x0011 })).toBe(false) // an indication
  expect(client.counts).toEqual({ requests: 1, responses: 0, forged: 2 })
  expect(respond()).toBe(true)
  expect(await outcome).toEqual({ kind: 'answered', mapped })
})

test.each([
  ['an error', BINDING_ERROR, [errorCode(420)], 420],
  ['an error without a code', BINDING_ERROR, [], undefined],
  ['no address', BINDING_SUCCESS, [], undefined],
  ['a short address', BINDING_SUCCESS, [[0x0020, Buffer.from([0, 1, 0])]], undefined],
] as [string, number, Attribute[], number | undefined][])(
  'a response with %s ends the transaction',
  async (_, type, attributes, code) => {
    const { client, respond } = open()
    const outcome = client.ask(server)
    expect(respond({ type, attributes })).toBe(true)
    expect(await outcome).toEqual({ kind: 'refused', code })
    expect(client.open).toBe(0)
  },
)

test('IPv6 addresses are compared, not their texts, and the transaction id is part of the mapped address', async () => {
  const { client, sent, respond } = open()
  const outcome = client.ask({ address: '2001:DB8:0::1', port: 3478 })
  const id = sent[0]!.request.subarray(8, 20)
  const attributes = [xorMappedAddress('2001:db8::7', 40_000, id)]
  expect(respond({ attributes, from: { address: '2001:db8::1', port: 3478 } })).toBe(true)
  expect(await outcome).toEqual({ kind: 'answered', mapped: { address: '2001:db8::7', port: 40_000 } })
})

test('a socket that was closed loses requests, and throws at nobody', async () => {
  const { client, sent, socket } = open()
  void client.ask(server)
  socket.send = () => {
    throw new Error('Not running')
  }
  await vi.advanceTimersByTimeAsync(10_000)
  expect([sent.length, client.counts.requests]).toEqual([1, 5])
})

test('a closed client ends its transactions and sends no more', async () => {
  const { client, sent } = open()
  const outcomes = Promise.all([client.ask(server), client.ask(server)])
  client[Symbol.dispose]()
  expect(await outcomes).toEqual([{ kind: 'closed' }, { kind: 'closed' }])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(sent.length).toBe(2)
})
