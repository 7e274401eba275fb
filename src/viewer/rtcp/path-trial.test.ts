import { expect, test } from 'vitest'
import type { PathSample } from './congestion.js'
import { PathTrial } from './path-trial.js'

const [LOW_BPS, NEEDED_BPS, FAILED_BPS] = [300_000, 2_300_000, 500_000]
const fine: PathSample = {
  nowMs: 0,
  lossFraction: 0,
  undelivered: 0,
  queueMs: 5,
  deliveredBps: LOW_BPS,
  streamBps: LOW_BPS,
  remb: undefined,
  framesDropped: 0,
}

/** A trial on a path of a width, reported every second. @returns its end, and the longest queue. */
function tried(widthBps: number, seconds = 30) {
  const trial = new PathTrial(LOW_BPS, NEEDED_BPS, FAILED_BPS, 0)
  let queuedBits = 0
  let longestMs = 0
  const rates: number[] = []
  for (let nowMs = 20; nowMs <= seconds * 1000; nowMs += 20) {
    const bps = LOW_BPS + trial.extraBps(nowMs)
    rates.push(bps)
    queuedBits = Math.max(0, queuedBits + (bps - widthBps) * 0.02)
    longestMs = Math.max(longestMs, (queuedBits * 1000) / widthBps)
    if (nowMs % 1000 !== 0) continue
    const verdict = trial.onSample({ ...fine, nowMs, queueMs: (queuedBits * 1000) / widthBps })
    if (verdict !== undefined) return { verdict, nowMs, longestMs, rates, trial }
  }
  return { verdict: undefined, nowMs: seconds * 1000, longestMs, rates, trial }
}

test('a wide path passes within ten seconds', () => {
  const { verdict, nowMs, longestMs, rates } = tried(10_000_000)
  expect([verdict, longestMs]).toEqual(['passed', 0])
  expect(nowMs).toBeLessThanOrEqual(10_000)
  expect(Math.max(...rates)).toBe(NEEDED_BPS)
})

test.each([350_000, 500_000, 600_000, 1_000_000, 1_900_000])(
  'a path of %d bit/s fails, and its queue stays below half a second',
  (widthBps) => {
    const { verdict, longestMs, rates } = tried(widthBps)
    expect(verdict).toBe('failed')
    expect(longestMs).toBeLessThan(500)
    expect(Math.max(...rates)).toBeGreaterThan(widthBps)
  },
)

test('up to a quarter more than what failed before, the rate rises by an eighth at a time, and waits there for a report', () => {
  const trial = new PathTrial(LOW_BPS, NEEDED_BPS, FAILED_BPS, 0)
  const rates = Array.from({ length: 40 }, (_, i) => trial.totalBps(i * 500))
  for (let i = 1; i < rates.length; i++) expect(rates[i]! / rates[i - 1]!).toBeLessThan(1.1501)
  expect(rates.at(-1)).toBe(625_000)
})

test('losses end it', () => {
  const trial = new PathTrial(LOW_BPS, NEEDED_BPS, FAILED_BPS, 0)
  expect(trial.onSample({ ...fine, nowMs: 1000, lossFraction: 0.06 })).toBe('failed')
  expect(trial.extraBps(1000)).toBe(0)
})

test('of a receiver that estimates, one late report is no sign, and two are', () => {
  const trial = new PathTrial(LOW_BPS, NEEDED_BPS, FAILED_BPS, 0)
  trial.onEstimate(450_000)
  const late = { ...fine, queueMs: 400 }
  expect(trial.onSample({ ...late, nowMs: 1000 })).toBeUndefined()
  expect(trial.onSample({ ...fine, nowMs: 2000 })).toBeUndefined()
  expect(trial.onSample({ ...late, nowMs: 3000 })).toBeUndefined()
  expect(trial.onSample({ ...late, nowMs: 4000 })).toBe('failed')
})

test('an estimate that falls ends it at once', () => {
  const trial = new PathTrial(LOW_BPS, NEEDED_BPS, FAILED_BPS, 0)
  expect([450_000, 500_000, 480_000, 400_000].map((bps) => trial.onEstimate(bps))).toEqual([
    false,
    false,
    false,
    true,
  ])
  expect(trial.extraBps(700)).toBe(0)
})
