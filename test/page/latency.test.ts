import { expect, test } from 'vitest'
import { addExchange, latencyMs, median, offsetMs, type Exchange } from '../../static/latency.js'

/** The server's clock is this far ahead of the page's. */
const AHEAD_MS = 1_764_000_000_000
const exchange = (sentMs: number, thereMs: number, backMs: number): Exchange => ({
  sentMs,
  receivedMs: sentMs + thereMs + backMs,
  serverMs: sentMs + thereMs + AHEAD_MS,
})

const slow = [exchange(0, 20, 20), exchange(0, 90, 10)]

test('the clock offset comes from the exchange with the shortest round trip', () => {
  const exchanges = [exchange(0, 300, 20), exchange(1000, 3, 3), exchange(2000, 10, 90), exchange(3000, 8, 1)]
  expect(offsetMs(exchanges)).toBe(AHEAD_MS)
})

test('of two equal round trips the later one counts, because clocks drift', () =>
  expect(offsetMs([...slow, exchange(0, 4, 2), exchange(1000, 3, 3)])).toBe(AHEAD_MS))

test('the offset is unknown before four exchanges, and while half of each round trip is 20 ms or more', () => {
  expect(offsetMs([...slow, exchange(1000, 3, 3)])).toBeNull()
  expect(offsetMs([...slow, ...slow])).toBeNull()
})

test('the last eight exchanges are kept, for at most a minute', () => {
  let exchanges: Exchange[] = []
  for (let i = 0; i < 12; i++) exchanges = addExchange(exchanges, exchange(i * 1000, 1, 1))
  expect(exchanges.map(({ sentMs }) => sentMs / 1000)).toEqual([4, 5, 6, 7, 8, 9, 10, 11])
  expect(addExchange(exchanges, exchange(69_000, 1, 1)).map(({ sentMs }) => sentMs / 1000)).toEqual([
    10, 11, 69,
  ])
})

/** 90 ticks per millisecond; the timestamps wrap a second after the server's 5000. */
const stampAt = (serverMs: number): number =>
  (2 ** 32 - 90_000 + Math.round((serverMs - AHEAD_MS - 5000) * 90)) % 2 ** 32

test.each([
  ['right away', 5100],
  ['a minute later', 65_000],
  ['when the timestamps wrap between capture and display', 6040],
  ['for a frame shown before the answer arrived', 4900],
])('the latency is from capture to display, %s', (_when, shownMs) => {
  const reference = { serverMs: AHEAD_MS + 5000, rtpTimestamp: stampAt(AHEAD_MS + 5000) }
  const frame = { shownMs, rtpTimestamp: stampAt(AHEAD_MS + shownMs - 85) }
  expect(latencyMs(reference, AHEAD_MS, frame)).toBeCloseTo(85, 1)
})

test('an asymmetric path shifts the latency by half of the difference', () => {
  const reference = { serverMs: AHEAD_MS, rtpTimestamp: 0 }
  const offset = offsetMs([...slow, exchange(0, 14, 4), exchange(0, 14, 4)])
  expect(latencyMs(reference, offset!, { shownMs: 100, rtpTimestamp: 20 * 90 })).toBeCloseTo(85, 1)
})

test('unrelated clocks give no latency; one slightly below zero is not called zero', () => {
  const reference = { serverMs: 0, rtpTimestamp: 0 }
  expect(latencyMs(reference, 0, { shownMs: 0, rtpTimestamp: 90 * 3 })).toBe(-3)
  expect(latencyMs(reference, 0, { shownMs: 0, rtpTimestamp: 90 * 300 })).toBeNull()
  expect(latencyMs(reference, 0, { shownMs: 3_600_000, rtpTimestamp: 0 })).toBeNull()
})

test('one late frame does not move the median', () => {
  expect(median([80, 81, 900, 79, 82])).toBe(81)
  expect(median([80, 90])).toBe(85)
  expect(median([])).toBeNull()
})
