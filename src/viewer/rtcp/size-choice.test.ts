import { describe, expect, test } from 'vitest'
import { CongestionControl, type PathSample } from './congestion.js'
import { SizeChoice } from './size-choice.js'
import type { Size } from '../media/source.js'

const [HIGH_BPS, LOW_BPS] = [2_000_000, 300_000]

/**
 * A viewer behind a path with a queue, sampled every second, with the congestion control of a session. Its receiver sends no estimate. A
 * change of size takes 200 ms.
 */
function viewer({ canProbe = true } = {}) {
  const choice = new SizeChoice()
  const control = new CongestionControl()
  let nowMs = 0
  let queuedBits = 0
  let size: Size = 'high'
  const changes: { atMs: number; size: Size }[] = []
  const second = (widthBps: number, about: Partial<PathSample> = {}): void => {
    const streamBps = size === 'high' ? HIGH_BPS : LOW_BPS
    const mediaBps = Math.min(streamBps, control.allowedBps ?? Infinity)
    let extraBits = 0
    for (let step = 0; step < 50; step++)
      extraBits += size === 'low' ? choice.extraBps(nowMs + step * 20) * 0.02 : 0
    nowMs += 1000
    const offeredBits = mediaBps + extraBits
    queuedBits = Math.max(0, Math.min(queuedBits + offeredBits - widthBps, widthBps * 0.8)) // a router with 0.8 s
    const carried = Math.min(1, widthBps / offeredBits)
    const lossFraction = queuedBits >= widthBps * 0.8 ? 1 - carried : 0
    const sample: PathSample = {
      nowMs,
      lossFraction,
      undelivered: 0,
      queueMs: (queuedBits * 1000) / widthBps,
      deliveredBps: mediaBps * carried,
      streamBps,
      remb: undefined,
      framesDropped: mediaBps < streamBps ? 5 : 0,
      ...about,
    }
    control.onSample(sample)
    choice.onSample(sample, { size, allowedBps: control.allowedBps, highBps: HIGH_BPS, canProbe })
    if (choice.wanted === size) return
    size = choice.wanted
    changes.push({ atMs: nowMs, size })
  }
  return {
    choice,
    control,
    changes,
    second,
    seconds: (count: number, widthBps: number, about: Partial<PathSample> = {}) => {
      for (let i = 0; i < count; i++) second(widthBps, about)
    },
    get size() {
      return size
    },
    get nowMs() {
      return nowMs
    },
  }
}

test('a path that carries the large size gets nothing else', () => {
  const one = viewer()
  one.seconds(600, 10_000_000)
  expect([one.changes, one.choice.extraBps(one.nowMs)]).toEqual([[], 0])
})

test('a narrow path gets the small size with the first limit, and keeps it', () => {
  const one = viewer()
  one.seconds(600, 500_000)
  expect(one.changes).toHaveLength(1)
  expect(one.changes[0]!.atMs).toBeLessThanOrEqual(2000)
})

test('the large size is back within 15 s after the path has become wide', () => {
  const one = viewer()
  one.seconds(60, 500_000)
  expect(one.size).toBe('low')
  const since = one.nowMs
  one.seconds(15, 10_000_000)
  expect(one.changes.at(-1)).toMatchObject({ size: 'high' })
  expect(one.changes.at(-1)!.atMs - since).toBeLessThanOrEqual(15_000)
})

test('on a path that alternates, the large size is tried less and less often', () => {
  const one = viewer()
  for (let round = 0; round < 30; round++) one.seconds(20, round % 2 === 0 ? 300_000 : 3_000_000)
  const ups = one.changes.filter(({ size }) => size === 'high').map(({ atMs }) => atMs)
  expect(ups.length).toBeGreaterThan(1)
  expect(ups.length).toBeLessThan(10)
})

test('a Wi-Fi that loses one packet in twenty and has jitter does not flap', () => {
  const one = viewer()
  for (let i = 0; i < 600; i++) one.second(10_000_000, { lossFraction: 0.05, queueMs: (i * 37) % 180 })
  expect(one.changes).toEqual([])
})

test('a processor that starves, the one of the viewer or ours, is no narrow path', () => {
  const one = viewer()
  const remb = { bps: 7_300_000, wasCut: false, ageMs: 500 }
  for (let i = 0; i < 60; i++)
    one.second(10_000_000, { queueMs: 300 + ((i * 97) % 900), undelivered: 0.6, remb })
  expect([one.changes, one.control.allowedBps]).toEqual([[], undefined])
})

test('an estimate of the receiver that is well above the large size needs no trial', () => {
  const one = viewer()
  one.seconds(2, 500_000)
  expect(one.size).toBe('low')
  const remb = { bps: 4_000_000, wasCut: false, ageMs: 500 }
  one.seconds(12, 10_000_000, { remb })
  expect(one.size).toBe('high')
  expect(one.choice.extraBps(one.nowMs)).toBe(0)
})

test('a viewer that cannot be probed is sent the large size after a while, and less often after each relapse', () => {
  const one = viewer({ canProbe: false })
  one.seconds(300, 500_000)
  const ups = one.changes.filter(({ size }) => size === 'high').map(({ atMs }) => atMs)
  expect(ups.length).toBeGreaterThan(2)
  const waits = ups.slice(1).map((atMs, i) => atMs - ups[i]!)
  for (let i = 1; i < waits.length; i++) expect(waits[i]).toBeGreaterThanOrEqual(waits[i - 1]!)
})

describe('a viewer that asks for', () => {
  test('the large size gets it whatever the path', () => {
    const one = viewer()
    one.choice.ask('high', 0)
    one.seconds(60, 500_000)
    expect(one.changes).toEqual([])
  })

  test('the small size gets it at once, and nothing is tried', () => {
    const choice = new SizeChoice()
    choice.ask('low', 0)
    expect([choice.wanted, choice.extraBps(10_000)]).toEqual(['low', 0])
  })

  test('auto after the small size is sent the large one when the path is known to carry it', () => {
    const one = viewer()
    one.choice.ask('low', 0)
    one.seconds(5, 10_000_000)
    one.choice.ask('auto', one.nowMs)
    expect(one.size).toBe('low')
    one.seconds(12, 10_000_000)
    expect(one.size).toBe('high')
  })
})
