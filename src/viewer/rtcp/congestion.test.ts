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
  framesDropped: 0,
}

test.each<[string, Partial<PathSample>, ReturnType<typeof classify>]>([
  ['an empty path', {}, 'normal'],
  ['one packet in twenty lost', { lossFraction: 0.05, deliveredBps: 1_900_000 }, 'normal'],
  ['one packet in ten lost', { lossFraction: 0.1, deliveredBps: 1_800_000 }, 'normal'],
  ['one packet in six lost', { lossFraction: 0.17 }, 'overuse'],
  ['half of the packets lost', { lossFraction: 0.5 }, 'severe'],
  ['a third of what was sent still on its way', { undelivered: 0.33 }, 'normal'],
  ['nothing of what was sent arrived, for all that is known', { undelivered: 1, deliveredBps: 0 }, 'overuse'],
  ['a tenth of a second of queue', { queueMs: 100 }, 'normal'],
  ['a third of a second of queue', { queueMs: 300, deliveredBps: 1_500_000 }, 'overuse'],
  ['more than a second of queue', { queueMs: 1200, deliveredBps: 1_500_000 }, 'severe'],
  ['a third of a second of queue, through which everything passes', { queueMs: 300 }, 'queue'],
  ['more than a second of it', { queueMs: 1200 }, 'queue'],
  ['no round trip measured', { queueMs: undefined }, 'normal'],
  [
    'an estimate far below the stream that was never cut, for the picture stood still until now',
    { remb: { bps: 300_000, wasCut: false, ageMs: 0 }, deliveredBps: 1_000_000 },
    'normal',
  ],
  [
    'an estimate cut after a hiccup, while everything arrives',
    { remb: { bps: 800_000, wasCut: true, ageMs: 0 } },
    'normal',
  ],
  [
    'an estimate cut by a little',
    { remb: { bps: 1_700_000, wasCut: true, ageMs: 0 }, deliveredBps: 1_700_000 },
    'normal',
  ],
  [
    'an estimate cut by half, while less arrives than is sent',
    { remb: { bps: 1_000_000, wasCut: true, ageMs: 0 }, deliveredBps: 1_200_000 },
    'overuse',
  ],
  [
    'a third of a second of queue, while the receiver finds room: one of the processors is busy',
    { queueMs: 300, undelivered: 0.5, remb: { bps: 7_300_000, wasCut: false, ageMs: 900 } },
    'normal',
  ],
  [
    'more than a second, while the receiver finds room',
    { queueMs: 1500, remb: { bps: 2_600_000, wasCut: false, ageMs: 0 } },
    'normal',
  ],
  [
    'the same, with an estimate that is hardly above the stream',
    { queueMs: 300, deliveredBps: 1_500_000, remb: { bps: 2_200_000, wasCut: false, ageMs: 0 } },
    'overuse',
  ],
  [
    'the same, with an estimate that may be out of date',
    { queueMs: 300, deliveredBps: 1_500_000, remb: { bps: 7_300_000, wasCut: false, ageMs: 3100 } },
    'overuse',
  ],
  [
    'losses, whatever the receiver estimates',
    { lossFraction: 0.17, remb: { bps: 7_300_000, wasCut: false, ageMs: 0 } },
    'overuse',
  ],
])('%s', (_what, about, verdict) => expect(classify({ ...fine, ...about })).toBe(verdict))

/** A path with a bandwidth, sampled every second; excess packets are lost. */
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
      framesDropped: allowedBps !== undefined && allowedBps < STREAM_BPS ? 20 : 0,
    })
    return control.allowedBps
  }
  const seconds = (count: number, width = widthBps): (number | undefined)[] =>
    Array.from({ length: count }, () => second(width))
  return { control, seconds }
}

describe('the rate of a viewer', () => {
  test('has no limit on a path that loses one packet in twenty', () =>
    expect(
      path(10_000_000, { randomLoss: 0.05 })
        .seconds(600)
        .every((rate) => rate === undefined),
    ).toBe(true))

  test('is less than the path carries, one second after the first overuse', () => {
    const [first] = path(500_000).seconds(1)
    expect(first).toBeLessThan(500_000)
    expect(first).toBeGreaterThan(400_000)
  })

  test('stays near the bandwidth of the path', () => {
    for (const rate of path(500_000).seconds(300)) {
      expect(rate).toBeGreaterThan(350_000)
      expect(rate).toBeLessThan(700_000)
    }
  })

  test('is unlimited again within half a minute after the path recovers', () => {
    const { seconds, control } = path(500_000)
    seconds(60)
    const after = seconds(30, 10_000_000)
    expect(control.allowedBps).toBeUndefined()
    expect(after.findIndex((rate) => rate === undefined)).toBeGreaterThan(3)
    expect(seconds(100, 10_000_000).every((rate) => rate === undefined)).toBe(true)
  })

  test('is raised less and less often on a path that alternates', () => {
    const { seconds } = path(500_000)
    const rates = Array.from({ length: 600 }, (_, i) => seconds(1, i % 30 < 25 ? 10_000_000 : 500_000)[0])
    const taken = rates.flatMap((rate, i) => (rate !== undefined && rates[i - 1] === undefined ? [i] : []))
    expect(taken.length).toBeGreaterThan(1)
    expect(taken.length).toBeLessThan(15)
  })

  test('exceeds the receiver’s estimate in small steps', () => {
    const control = new CongestionControl()
    control.onSample({ ...fine, lossFraction: 0.75, deliveredBps: 500_000 })
    const steps: { from: number; by: number }[] = []
    for (let nowMs = 1000; nowMs < 60_000; nowMs += 1000) {
      const from = control.allowedBps
      control.onSample({
        ...fine,
        nowMs,
        deliveredBps: 480_000,
        remb: { bps: 480_000, wasCut: true, ageMs: 0 },
      })
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

  test('never falls below the minimum', () => {
    const control = new CongestionControl()
    for (let nowMs = 0; nowMs < 60_000; nowMs += 1000)
      control.onSample({ ...fine, nowMs, lossFraction: 0.9, deliveredBps: 1000 })
    expect(control.allowedBps).toBe(64_000)
  })

  test('is the delivered rate from before the outage', () => {
    const control = new CongestionControl()
    control.onSample({ ...fine, undelivered: 0.7, deliveredBps: 600_000 })
    control.onSample({ ...fine, undelivered: 1, deliveredBps: 0 })
    expect(control.allowedBps).toBeCloseTo(510_000)
  })

  test('does not fall after one sample of overuse', () => {
    const control = new CongestionControl()
    const overused = { ...fine, queueMs: 300, deliveredBps: 1_500_000 }
    for (const sample of [overused, fine, overused, fine]) control.onSample(sample)
    expect(control.allowedBps).toBeUndefined()
    control.onSample(overused)
    control.onSample(overused)
    expect(control.allowedBps).toBeDefined()
  })

  test('falls after five samples of a queue through which everything passes: a path that is a little too narrow', () => {
    const control = new CongestionControl()
    const queued = { ...fine, queueMs: 400 }
    for (let i = 0; i < 4; i++) control.onSample(queued)
    expect(control.allowedBps).toBeUndefined()
    control.onSample(queued)
    expect(control.allowedBps).toBeDefined()
  })

  test('does not fall while reports of a busy processor come late now and then', () => {
    const control = new CongestionControl()
    for (let i = 0; i < 600; i++)
      control.onSample({ ...fine, nowMs: i * 1000, queueMs: i % 5 === 0 ? 20 : 1500 })
    expect(control.allowedBps).toBeUndefined()
  })
})

describe('a path that carried nothing', () => {
  /** Samples of 1.5 s until the limit is gone, after 10 s without a packet that arrived. */
  const secondsUntilFree = (sampleOf: (allowedBps: number, i: number) => Partial<PathSample>): number => {
    const control = new CongestionControl()
    let nowMs = 0
    for (; nowMs < 10_000; nowMs += 1500)
      control.onSample({ ...fine, nowMs, lossFraction: 1, undelivered: 1, deliveredBps: 0 })
    const freeAtMs = nowMs
    for (let i = 0; control.allowedBps !== undefined && i < 100; i++, nowMs += 1500)
      control.onSample({ ...fine, nowMs, ...sampleOf(control.allowedBps, i) })
    return (nowMs - freeAtMs) / 1000
  }

  test('is known to be free again within 15 s, whatever the receiver estimates of so few packets', () => {
    const small = (allowedBps: number): Partial<PathSample> => ({
      deliveredBps: Math.min(allowedBps, STREAM_BPS),
      remb: { bps: allowedBps, wasCut: false, ageMs: 0 },
    })
    expect(secondsUntilFree(small)).toBeLessThan(15)
  })

  test('and turns out to be narrow, is tried in small steps from there on', () => {
    const NARROW_BPS = 500_000
    const tried: number[] = []
    secondsUntilFree((allowedBps) => {
      tried.push(allowedBps)
      const isFull = allowedBps > NARROW_BPS
      return {
        deliveredBps: Math.min(allowedBps, NARROW_BPS),
        ...(isFull && { queueMs: 400, framesDropped: 9 }),
      }
    })
    const firstFull = tried.findIndex((bps) => bps > NARROW_BPS)
    expect(firstFull).toBeLessThan(6)
    const later = tried.slice(firstFull + 1)
    expect(Math.max(...later.map((bps, i) => bps / (later[i - 1] ?? bps)))).toBeLessThan(1.2)
  })
})
