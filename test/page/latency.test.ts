/** How the page tells a picture's age. */

import { expect, test } from 'vitest'

interface Exchange {
  sentMs: number
  receivedMs: number
  serverMs: number
  rtpTimestamp?: number
}

const { delayMs, median, offsetMs, remember } = (await import(
  new URL('../../static/latency.js', import.meta.url).href
)) as {
  delayMs: (
    moment: { serverMs: number; rtpTimestamp: number },
    offsetMs: number,
    frame: { rtpTimestamp: number; shownMs: number },
  ) => number | null
  median: (values: number[]) => number | null
  offsetMs: (exchanges: Exchange[]) => number
  remember: (exchanges: Exchange[], exchange: Exchange) => Exchange[]
}

/** The server's clock is this far ahead of the page's. */
const AHEAD_MS = 1_764_000_000_000
const exchange = (sentMs: number, thereMs: number, backMs: number): Exchange => ({
  sentMs,
  receivedMs: sentMs + thereMs + backMs,
  serverMs: sentMs + thereMs + AHEAD_MS,
})

test('the offset of the clocks is taken from the exchange with the shortest way', () => {
  const exchanges = [exchange(0, 300, 20), exchange(1000, 3, 3), exchange(2000, 10, 90)]
  expect(offsetMs(exchanges)).toBe(AHEAD_MS)
})

test('of two ways of one length the later is believed, for clocks drift', () =>
  expect(offsetMs([exchange(0, 4, 2), exchange(1000, 3, 3)])).toBe(AHEAD_MS))

test('the last eight exchanges are remembered, and none that is older than a minute', () => {
  let exchanges: Exchange[] = []
  for (let i = 0; i < 12; i++) exchanges = remember(exchanges, exchange(i * 1000, 1, 1))
  expect(exchanges.map(({ sentMs }) => sentMs / 1000)).toEqual([4, 5, 6, 7, 8, 9, 10, 11])
  expect(remember(exchanges, exchange(69_000, 1, 1)).map(({ sentMs }) => sentMs / 1000)).toEqual([10, 11, 69])
})

/** The camera counts 90 ticks a millisecond; its line wraps a second after the server's 5000. */
const stampAt = (serverMs: number): number =>
  (2 ** 32 - 90_000 + Math.round((serverMs - AHEAD_MS - 5000) * 90)) % 2 ** 32

test.each([
  ['right away', 5100],
  ['a minute later', 65_000],
  ['when the timestamps wrap between capture and display', 6040],
  ['for a picture shown before the answer came', 4900],
])('the delay is from capture to display, %s', (_when, shownMs) => {
  const moment = { serverMs: AHEAD_MS + 5000, rtpTimestamp: stampAt(AHEAD_MS + 5000) }
  const frame = { shownMs, rtpTimestamp: stampAt(AHEAD_MS + shownMs - 85) }
  expect(delayMs(moment, AHEAD_MS, frame)).toBeCloseTo(85, 1)
})

test('a way that is longer in one direction shifts the delay by half of what it is longer', () => {
  const moment = { serverMs: AHEAD_MS, rtpTimestamp: 0 }
  const offset = offsetMs([exchange(0, 14, 4)])
  expect(delayMs(moment, offset, { shownMs: 100, rtpTimestamp: 20 * 90 })).toBeCloseTo(85, 1)
})

test('clocks that do not belong together give no delay, and rounding gives none below zero', () => {
  const moment = { serverMs: 0, rtpTimestamp: 0 }
  expect(delayMs(moment, 0, { shownMs: 0, rtpTimestamp: 90 * 3 })).toBe(0)
  expect(delayMs(moment, 0, { shownMs: 0, rtpTimestamp: 90 * 300 })).toBeNull()
  expect(delayMs(moment, 0, { shownMs: 3_600_000, rtpTimestamp: 0 })).toBeNull()
})

test('one late frame does not move the median', () => {
  expect(median([80, 81, 900, 79, 82])).toBe(81)
  expect(median([80, 90])).toBe(85)
  expect(median([])).toBeNull()
})
