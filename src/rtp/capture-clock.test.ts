import { beforeEach, describe, expect, test } from 'vitest'
import { CaptureClock } from './capture-clock.js'
import { ntpMsOf } from './ntp.js'

const MONOTONIC_ORIGIN_MS = 5_000_000
const FRAME_MS = 1000 / 30
const FRAME_TICKS = 3000
/** The timestamps of these tests wrap in their middle. */
const FIRST = 0xffffff00

let clock: CaptureClock
let wallMs: number
beforeEach(() => {
  wallMs = Date.UTC(2026, 0, 1)
  clock = new CaptureClock({ monotonicOriginMs: MONOTONIC_ORIGIN_MS, wallNowMs: () => wallMs })
})

/** Frame n is captured at 1000 + n frames, in `performance.now()` time. */
const capturedAt = (frame: number): number => 1000 + frame * FRAME_MS
const stamp = (frame: number): number => (FIRST + frame * FRAME_TICKS) >>> 0

const arrive = (from: number, to: number, delayMs: (frame: number) => number, offset = 0): void => {
  for (let frame = from; frame < to; frame++)
    clock.noteArrival(stamp(frame), (stamp(frame) - offset) >>> 0, capturedAt(frame) + delayMs(frame))
}

/** A report written half a millisecond before it is parsed. */
const report = (nowMs: number, wrongMs = 0, offset = 0) => {
  const rtpTimestamp = (FIRST - offset + Math.round((nowMs - 0.5 - 1000) * 90)) >>> 0
  clock.noteSenderReport({ ssrc: 1, ntpMs: MONOTONIC_ORIGIN_MS + nowMs - 0.5 + wrongMs, rtpTimestamp }, nowMs)
}

const jitter = (frame: number): number => 5 + ((frame * 7919) % 23)

test('there is no capture time before the first packet', () => {
  report(2000)
  expect([clock.captureMonotonicMs(0), clock.timestampAt(0), clock.source]).toEqual([
    undefined,
    undefined,
    'none',
  ])
})

describe('without reports', () => {
  test('capture time is the earliest arrival', () => {
    arrive(0, 300, jitter)
    expect(clock.source).toBe('arrivals')
    expect(clock.captureMonotonicMs(stamp(300))! - capturedAt(300)).toBeCloseTo(5, 0)
  })

  test('a clock that is slow by 200 ppm is followed within milliseconds over an hour', () => {
    for (let frame = 0; frame < 30 * 3600; frame++)
      clock.noteArrival(stamp(frame), stamp(frame), capturedAt(frame) * 1.0002 + jitter(frame))
    const error = clock.captureMonotonicMs(stamp(108_000))! - capturedAt(108_000) * 1.0002
    expect(error).toBeGreaterThan(0)
    expect(error).toBeLessThan(7)
  })

  test('timestamps that jump by hours, either way, reset the clock', () => {
    arrive(0, 30, () => 5)
    for (const jump of [0x10000000, -0x20000000]) {
      const nowMs = capturedAt(31)
      const timestamp = (stamp(31) + jump) >>> 0
      clock.noteArrival(timestamp, timestamp, nowMs)
      expect(clock.captureMonotonicMs(timestamp)).toBeCloseTo(nowMs, 6)
    }
  })
})

describe('with reports', () => {
  test('the first report sets the capture time', () => {
    arrive(0, 30, jitter)
    report(2000)
    expect(clock.source).toBe('reports')
    expect(clock.captureMonotonicMs(stamp(30))).toBeCloseTo(capturedAt(30), 1)
  })

  test('the timestamp of now is that of a frame captured now, also across the wrap', () => {
    arrive(0, 30, jitter)
    report(2000)
    for (const frame of [0, 1, 2, 40])
      expect(Math.abs(clock.timestampAt(capturedAt(frame))! - stamp(frame))).toBeLessThanOrEqual(9)
    for (const frame of [0, 1, 2, 40])
      expect(clock.captureMonotonicMs(stamp(frame))).toBeCloseTo(capturedAt(frame), 1)
  })

  test('report jitter is averaged', () => {
    for (let second = 1; second <= 60; second++) {
      arrive(second * 30, second * 30 + 30, () => 20)
      report(2000 + second * 1000, second % 2 === 0 ? 8 : -8)
    }
    expect(Math.abs(clock.captureMonotonicMs(stamp(1900))! - capturedAt(1900))).toBeLessThan(1.1)
  })

  test('reports with wall clock time work too, and follow when the clock is set', () => {
    arrive(0, 30, jitter)
    for (const steppedMs of [0, 3_600_000, -7_200_000]) {
      wallMs += steppedMs
      const rtpTimestamp = stamp(30)
      clock.noteSenderReport({ ssrc: 1, ntpMs: ntpMsOf(wallMs - 2), rtpTimestamp }, capturedAt(30) + 2)
      expect(clock.captureMonotonicMs(stamp(30))).toBeCloseTo(capturedAt(30), 1)
    }
    expect(clock.rejected).toBe(0)
  })

  test('nothing is captured after it arrived', () => {
    arrive(0, 30, () => 5)
    report(2000, 30)
    expect(clock.captureMonotonicMs(stamp(30))).toBeCloseTo(capturedAt(30) + 5, 0)
  })

  test('reports that stop are trusted for a minute', () => {
    arrive(0, 30, () => 20)
    report(2000)
    arrive(30, 30 * 50, () => 20)
    expect(clock.source).toBe('reports')
    arrive(30 * 50, 30 * 70, () => 20)
    expect(clock.source).toBe('arrivals')
  })
})

describe('implausible reports are rejected', () => {
  const refusals: [what: string, ntpMs: number, rtpTimestamp: number][] = [
    ['no clock at all', 0, stamp(30)],
    ['a time since the start of the pipeline', 4000, stamp(30)],
    ['a report from the future', MONOTONIC_ORIGIN_MS + 2500, stamp(30)],
    ['a report of long ago', MONOTONIC_ORIGIN_MS - 1000, stamp(30)],
    ['a frame from the future', MONOTONIC_ORIGIN_MS + 2000, stamp(20)],
    ['a frame older than any encoder holds back', MONOTONIC_ORIGIN_MS + 2000, stamp(400)],
    ['another line of timestamps', MONOTONIC_ORIGIN_MS + 2000, 123],
  ]
  test.each(refusals)('%s', (_, ntpMs, rtpTimestamp) => {
    arrive(0, 31, () => 5)
    clock.noteSenderReport({ ssrc: 1, ntpMs, rtpTimestamp }, 2005)
    expect([clock.source, clock.rejected]).toEqual(['arrivals', 1])
  })

  test('one outlier changes nothing, three are accepted', () => {
    arrive(0, 30, () => 20)
    report(2000)
    report(2000, -500)
    report(2000)
    report(2000, -500)
    report(2000, -500)
    expect(clock.captureMonotonicMs(stamp(30))).toBeCloseTo(capturedAt(30), 1)
    report(2000, -500)
    expect(clock.captureMonotonicMs(stamp(30))).toBeCloseTo(capturedAt(30) - 500, 1)
  })
})

describe('a restart', () => {
  /** The offset that the timeline adds to the new sender's timestamps. */
  const OFFSET = 0x12345678
  beforeEach(() => {
    arrive(0, 30, () => 20)
    report(2000)
  })

  test('resets the clock with the first packet of the new sender', () => {
    arrive(40, 41, () => 50, OFFSET)
    expect(clock.source).toBe('arrivals')
    expect(clock.captureMonotonicMs(stamp(40))).toBeCloseTo(capturedAt(40) + 50, 6)
  })

  test('resets the clock even if the new sender continues the old timestamps', () => {
    clock.expectNewSender()
    arrive(40, 41, () => 50)
    expect(clock.captureMonotonicMs(stamp(40))).toBeCloseTo(capturedAt(40) + 50, 6)
    report(capturedAt(41))
    expect(clock.source).toBe('reports')
  })

  test('maps the reports of the new sender to the timeline', () => {
    clock.expectNewSender()
    arrive(40, 50, () => 50, OFFSET)
    report(capturedAt(52), 0, OFFSET)
    expect(clock.source).toBe('reports')
    expect(clock.captureMonotonicMs(stamp(50))).toBeCloseTo(capturedAt(50), 1)
  })

  test('rejects a report that overtakes the first packet', () => {
    clock.expectNewSender()
    report(2000, 0, OFFSET)
    report(2000)
    expect(clock.rejected).toBe(2)
  })
})

test('the clock of this machine is the one that the pipeline reports', () => {
  const ours = new CaptureClock()
  let nowMs, ntpMs
  do {
    nowMs = performance.now()
    ntpMs = Number(process.hrtime.bigint()) / 1e6
  } while (performance.now() - nowMs > 0.05) // the process was interrupted between the two clocks
  ours.noteArrival(1000, 1000, nowMs)
  ours.noteSenderReport({ ssrc: 1, ntpMs, rtpTimestamp: 1000 + 90 * 20 }, nowMs)
  expect(ours.source).toBe('reports')
  expect(ours.captureMonotonicMs(1000)).toBeGreaterThan(nowMs - 20.1)
  expect(ours.captureMonotonicMs(1000)).toBeLessThan(nowMs)
})

test.each([200, -200])('sound of a card that is off by %i ppm stays in time for a day', (ppm) => {
  const sound = new CaptureClock({ monotonicOriginMs: MONOTONIC_ORIGIN_MS, wallNowMs: () => wallMs }, 'opus')
  let worstMs = 0
  for (let second = 1; second <= 86_400; second++) {
    const nowMs = second * 1000
    const timestamp = (FIRST + Math.round(second * 48_000 * (1 + ppm / 1e6))) >>> 0
    sound.noteArrival(timestamp, timestamp, nowMs + 50)
    sound.noteSenderReport(
      { ssrc: 1, ntpMs: MONOTONIC_ORIGIN_MS + nowMs, rtpTimestamp: timestamp },
      nowMs + 50,
    )
    worstMs = Math.max(worstMs, Math.abs(sound.captureMonotonicMs(timestamp)! - nowMs))
  }
  expect(sound.source).toBe('reports')
  expect(worstMs).toBeLessThan(3)
  expect(sound.rejected).toBe(0)
})
