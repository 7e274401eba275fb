import { classes, Message, methods, type StunProtocol } from 'werift'
import { expect, onTestFinished, test, vi } from 'vitest'
import { BINDING_SUCCESS, writeStun, xorMappedAddress } from '../../../test/support/viewer-stun.js'
import { CheckProtocol } from './check-protocol.js'
import type { ProtocolInternals } from './internals.js'

const browser: [string, number] = ['192.0.2.1', 5000]
const elsewhere: [string, number] = ['192.0.2.2', 6000]
const PASSWORD = 'p'.repeat(24)
/** What werift passes for a connectivity check. */
const RETRANSMISSIONS = 4

/** A protocol on a clock that the test moves, and what it sends. */
function open() {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const startMs = performance.now()
  const sent: { atMs: number; datagram: Buffer; to: [string, number] }[] = []
  const protocol = new CheckProtocol()
  protocol.transport = {
    closed: false,
    socketType: 'udp4',
    send: async (datagram: Buffer, to: [string, number]) => {
      sent.push({ atMs: Math.round(performance.now() - startMs), datagram, to })
      return await Promise.resolve()
    },
    close: async () => await Promise.resolve(),
  } as unknown as StunProtocol['transport']
  const check = async (
    to: [string, number],
    options: Parameters<StunProtocol['request']>[3] = RETRANSMISSIONS,
  ) =>
    await protocol
      .request(new Message(methods.BINDING, classes.REQUEST), to, Buffer.from(PASSWORD), options)
      .then(() => 'answered')
      .catch(() => 'given up')
  const respond = (from: [string, number]): void => {
    const { datagram } = sent.find(({ to }) => to === from)!
    const response = writeStun({
      type: BINDING_SUCCESS,
      transactionId: datagram.subarray(8, 20),
      attributes: [xorMappedAddress('203.0.113.7', 8189)],
      password: PASSWORD,
    })
    ;(protocol as unknown as ProtocolInternals).datagramReceived(response, from)
  }
  const timesTo = (address: [string, number]): number[] =>
    sent.filter(({ to }) => to === address).map(({ atMs }) => atMs)
  return { protocol, sent, check, respond, timesTo }
}

test('a check without a response is sent five times, spread over three seconds, and given up', async () => {
  const { protocol, sent, check, timesTo } = open()
  const outcome = check(browser)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(timesTo(browser)).toEqual([0, 50, 250, 1000, 3000])
  expect(new Set(sent.map(({ datagram }) => datagram.toString('hex'))).size).toBe(1)
  expect([await outcome, protocol.transactionsKeys]).toEqual(['given up', []])
})

test('a check with a response is not repeated', async () => {
  const { check, respond, timesTo } = open()
  const outcome = check(browser)
  await vi.advanceTimersByTimeAsync(60)
  respond(browser)
  expect(await outcome).toBe('answered')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(timesTo(browser)).toEqual([0, 50])
})

test('a check of the client sends ours again at once, but at most every 50 ms', async () => {
  const { protocol, check, timesTo } = open()
  void check(browser)
  void check(elsewhere)
  await vi.advanceTimersByTimeAsync(400)
  for (let checks = 0; checks < 10; checks++) protocol.onCheckFrom(browser)
  expect(timesTo(browser)).toEqual([0, 50, 250, 400])
  protocol.onCheckFrom(['192.0.2.1', 5001])
  await vi.advanceTimersByTimeAsync(50)
  protocol.onCheckFrom(browser)
  expect(timesTo(browser)).toEqual([0, 50, 250, 400, 450])
  expect(timesTo(elsewhere)).toEqual([0, 50, 250])
})

test('after a nomination nothing is repeated but what a check of the client asks for', async () => {
  const { protocol, sent, check } = open()
  void check(browser)
  await vi.advanceTimersByTimeAsync(60)
  protocol.stopRepeating()
  await vi.advanceTimersByTimeAsync(1000)
  expect(sent.length).toBe(2)
  protocol.onCheckFrom(browser)
  expect(sent.length).toBe(3)
})

test('a closed protocol sends nothing', async () => {
  const { protocol, sent, check } = open()
  void check(browser)
  await vi.advanceTimersByTimeAsync(60)
  await protocol.close()
  protocol.onCheckFrom(browser)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(sent.length).toBe(2)
})

test('a consent check, which RFC 7675 sends anew, is sent once', async () => {
  const { check, timesTo } = open()
  const outcome = check(browser, { retransmissions: 0, responseTimeout: 1000 })
  await vi.advanceTimersByTimeAsync(60_000)
  expect([await outcome, timesTo(browser)]).toEqual(['given up', [0]])
})
