import { describe, expect, test } from 'vitest'
import { CongestionControl, classify, type PathSample } from './congestion.js'

const STREAM_BPS = 2_000_000
const fine: PathSample = {
  nowMs: 0,
  lossFraction: 0,
  undelivered: 0,
  queueMs: 0,
  deliveredBps: STREAM_BPS,
  streamBps: STREAM_BPS,
  remb: undefined,
  framesLeftOut: 0,
}

test.each<[string, Partial<PathSample>, ReturnType<typeof classify>]>([
  ['an empty path', {}, 'clear'],
  ['one packet in twenty lost', { lossFraction: 0.05, deliveredBps: 1_900_000 }, 'clear'],
  ['one packet in ten lost', { lossFraction: 0.1, deliveredBps: 1_800_000 }, 'clear'],
  ['one packet in six lost', { lossFraction: 0.17 }, 'strained'],
  ['half of the packets lost', { lossFraction: 0.5 }, 'jammed'],
  ['a third of what was sent still on its way', { undelivered: 0.33 }, 'clear'],
  [
    'nothing of what was sent arrived, for all that is known',
    { undelivered: 1, deliveredBps: 0 },
    'strained',
  ],
  ['a tenth of a second of queue', { queueMs: 100 }, 'clear'],
  ['a third of a second of queue', { queueMs: 300 }, 'strained'],
  ['more than a second of queue', { queueMs: 1200 }, 'jammed'],
  ['no round trip measured', { queueMs: undefined }, 'clear'],
  [
    'an estimate far below the stream that was never cut, for the picture stood still until now',
    { remb: { bps: 300_000, wasCut: false }, deliveredBps: 1_000_000 },
    'clear',
  ],
  [
    'an estimate cut after a hiccup, while everything arrives',
    { remb: { bps: 800_000, wasCut: true } },
    'clear',
  ],
  [
    'an estimate cut by a little',
    { remb: { bps: 1_700_000, wasCut: true }, deliveredBps: 1_700_000 },
    'clear',
  ],
  [
    'an estimate cut by half, while less arrives than is sent',
    { remb: { bps: 1_000_000, wasCut: true }, deliveredBps: 1_200_000 },
    'strained',
  ],
])('%s', (_what, about, verdict) => expect(classify({ ...fine, ...about })).toBe(verdict))

/** A path of a certain width under the control, looked at every second; what does not fit is lost. */
function path(widthBps: number, { randomLoss = 0 } = {}) {
  const control = new CongestionControl()
  let nowMs = 0
  const second = (width = widthBps): number | undefined => {
    const { allowedBps } = control
    const sentBps = Math.min(STREAM_BPS, allowedBps ?? Infinity)
    const carriedBps = Math.min(sentBps, width)
    nowMs += 1000
    control.onSample({
      ...fine,
      nowMs,
      lossFraction: 1 - (carriedBps / sentBps) * (1 - randomLoss),
      deliveredBps: carriedBps * (1 - randomLoss),
      framesLeftOut: allowedBps !== undefined && allowedBps < STREAM_BPS ? 20 : 0,
    })
    return control.allowedBps
  }
  const seconds = (count: number, width = widthBps): (number | undefined)[] =>
    Array.from({ length: count }, () => second(width))
  return { control, seconds }
}

describe('what a viewer may be sent', () => {
  test('is everything on a path that loses one packet in twenty, for ever', () =>
    expect(
      path(10_000_000, { randomLoss: 0.05 })
        .seconds(600)
        .every((rate) => rate === undefined),
    ).toBe(true))

  test('is less than the path carries, a second after it was seen to be too narrow', () => {
    const [first] = path(500_000).seconds(1)
    expect(first).toBeLessThan(500_000)
    expect(first).toBeGreaterThan(400_000)
  })

  test('stays about what the path carries', () => {
    for (const rate of path(500_000).seconds(300)) {
      expect(rate).toBeGreaterThan(350_000)
      expect(rate).toBeLessThan(700_000)
    }
  })

  test('is everything again within half a minute once the path is wide, without a limit in between', () => {
    const { seconds, control } = path(500_000)
    seconds(60)
    const after = seconds(30, 10_000_000)
    expect(control.allowedBps).toBeUndefined()
    expect(after.findIndex((rate) => rate === undefined)).toBeGreaterThan(3)
    expect(seconds(100, 10_000_000).every((rate) => rate === undefined)).toBe(true)
  })

  test('is taken back more and more rarely on a path that is wide and narrow by turns', () => {
    const { seconds } = path(500_000)
    const rates = Array.from({ length: 600 }, (_, i) => seconds(1, i % 30 < 25 ? 10_000_000 : 500_000)[0])
    const taken = rates.flatMap((rate, i) => (rate !== undefined && rates[i - 1] === undefined ? [i] : []))
    expect(taken.length).toBeGreaterThan(1)
    expect(taken.length).toBeLessThan(15)
  })

  test('goes beyond a receiver’s estimate in small steps, for that may never rise by itself', () => {
    const control = new CongestionControl()
    control.onSample({ ...fine, lossFraction: 0.75, deliveredBps: 500_000 })
    const steps: { from: number; by: number }[] = []
    for (let nowMs = 1000; nowMs < 60_000; nowMs += 1000) {
      const from = control.allowedBps
      control.onSample({ ...fine, nowMs, deliveredBps: 480_000, remb: { bps: 480_000, wasCut: true } })
      if (from !== undefined && control.allowedBps !== undefined)
        steps.push({ from, by: control.allowedBps / from })
    }
    const [within, beyond] = [0, 1].map((side) =>
      steps.filter(({ from }) => Number(from * 1.1 > 720_000) === side),
    )
    expect(within!.length).toBeGreaterThan(3)
    expect(beyond!.length).toBeGreaterThan(10)
    for (const { by } of within!) expect(by).toBeCloseTo(1.1, 5)
    for (const { by } of beyond!) expect(by).toBeLessThan(1.0501)
  })

  test('is never so little that no picture could come through', () => {
    const control = new CongestionControl()
    for (let nowMs = 0; nowMs < 60_000; nowMs += 1000)
      control.onSample({ ...fine, nowMs, lossFraction: 0.9, deliveredBps: 1000 })
    expect(control.allowedBps).toBe(64_000)
  })

  test('is what got through before nothing did', () => {
    const control = new CongestionControl()
    control.onSample({ ...fine, undelivered: 0.7, deliveredBps: 600_000 })
    control.onSample({ ...fine, undelivered: 1, deliveredBps: 0 })
    expect(control.allowedBps).toBeCloseTo(510_000)
  })

  test('is not less after one strained look', () => {
    const control = new CongestionControl()
    const strained = { ...fine, queueMs: 300 }
    for (const look of [strained, fine, strained, fine]) control.onSample(look)
    expect(control.allowedBps).toBeUndefined()
    control.onSample(strained)
    control.onSample(strained)
    expect(control.allowedBps).toBeDefined()
  })
})
