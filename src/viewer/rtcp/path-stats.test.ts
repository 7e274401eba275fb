import { expect, test } from 'vitest'
import type { Feedback } from '../../rtp/rtcp/feedback.js'
import { writeSenderReport } from '../../rtp/rtcp/sender-report.js'
import { PathStats, type SentSoFar } from './path-stats.js'

const WALL_MS = 1_700_000_000_000
const nothing: Feedback = {
  pli: 0,
  fir: 0,
  lost: [],
  bye: false,
  report: undefined,
  rembBps: undefined,
  referenceTime: undefined,
}

/** Reports every 200 ms about 250 packets/s of 1000 bytes. */
function viewer() {
  const path = new PathStats()
  let nowMs = 0
  let highest = 65_000
  let lost = 0
  const sent: SentSoFar = { packets: 0, octets: 0, cameraOctets: 0, framesDropped: 0 }
  const report = (
    about: { lossEvery?: number; delayMs?: number; rembBps?: number; packets?: number; arrive?: number } = {},
  ) => {
    const { lossEvery = Infinity, delayMs, rembBps, packets = 50, arrive = packets } = about
    nowMs += 200
    for (let i = 0; i < arrive; i++) if (++highest % lossEvery === 0) lost++
    sent.packets += packets
    sent.octets += packets * 1000
    sent.cameraOctets += 50_000
    const block = Buffer.alloc(24)
    if (delayMs !== undefined) {
      const about = { ssrc: 1, rtpTimestamp: 0, packets: 0, octets: 0, cname: 'camera1' }
      block.writeUInt32BE(
        writeSenderReport({ ...about, wallMs: WALL_MS + nowMs - delayMs }).readUInt32BE(10),
        16,
      )
    }
    const received = { fractionLost: 0.1, cumulativeLost: lost, highestSequence: highest, block }
    return path.onFeedback({ ...nothing, report: received, rembBps }, { ...sent }, nowMs, WALL_MS + nowMs)
  }
  const second = (about?: Parameters<typeof report>[0]) =>
    Array.from({ length: 5 }, () => report(about)).find((sample) => sample !== undefined)
  report()
  return { path, report, second, now: () => nowMs }
}

test('there is one sample a second, from all its reports', () => {
  const { report } = viewer()
  const samples = Array.from({ length: 50 }, () => report())
  expect(samples.filter((sample) => sample !== undefined).length).toBe(10)
})

test('lost and delivered packets are counted over the sample', () => {
  const { second } = viewer()
  expect(second({ lossEvery: 10 })).toMatchObject({
    lossFraction: 0.1,
    deliveredBps: 1_800_000,
    streamBps: 2_000_000,
  })
  expect(second()).toMatchObject({ lossFraction: 0, deliveredBps: 2_000_000 })
})

test('unreported packets are undelivered, and there is a sample although nothing arrived', () => {
  const { second } = viewer()
  expect(second()?.undelivered).toBe(0)
  expect(second({ arrive: 20 })?.undelivered).toBeCloseTo(0.6)
  expect(second({ arrive: 0 })).toMatchObject({ undelivered: 1, lossFraction: 0, deliveredBps: 0 })
})

test('a sample of a slow stream takes longer', () => {
  const { report } = viewer()
  const samples = Array.from({ length: 30 }, () => report({ packets: 1 }))
  expect(samples.filter((sample) => sample !== undefined).length).toBe(2)
})

test('the queue is the round trip minus the shortest one', () => {
  const { second, path } = viewer()
  expect(second()?.queueMs).toBeUndefined()
  expect(second({ delayMs: 20 })?.queueMs).toBeCloseTo(0, 1)
  expect(second({ delayMs: 320 })?.queueMs).toBeCloseTo(300, 0)
  expect(path.roundTripMs).toBeCloseTo(320, 0)
  expect(path.fractionLost).toBe(0.1)
})

test('the available bitrate is the REMB, but at least the delivered rate', () => {
  const { second, path, now } = viewer()
  second({ packets: 10, rembBps: 900_000 })
  expect(path.availableBitrateBps(now())).toBe(900_000)
  second({ packets: 10, rembBps: 90_000 })
  expect(path.availableBitrateBps(now())).toBe(400_000)
})

test('a reduced estimate counts as cut until it reaches the stream rate again', () => {
  const { second } = viewer()
  expect(second({ rembBps: 300_000 })?.remb).toMatchObject({ bps: 300_000, wasCut: false })
  expect(second({ rembBps: 295_000 })?.remb?.wasCut).toBe(false)
  expect(second({ rembBps: 200_000 })?.remb).toMatchObject({ bps: 200_000, wasCut: true })
  expect(second({ rembBps: 1_900_000 })?.remb?.wasCut).toBe(true)
  expect(second({ rembBps: 2_100_000 })?.remb?.wasCut).toBe(false)
  expect(second({ rembBps: 2_090_000 })?.remb?.wasCut).toBe(false)
})

test('an estimate that is not repeated expires; the delivered rate replaces it', () => {
  const { second, path, now } = viewer()
  second({ rembBps: 300_000 })
  expect(second()?.remb?.ageMs).toBe(1000)
  for (let i = 0; i < 11; i++) second()
  expect(second()?.remb).toBeUndefined()
  expect(path.availableBitrateBps(now())).toBe(2_000_000)
})

test('a receiver whose counters go backwards gives no sample', () => {
  const { report } = viewer()
  expect(
    Array.from({ length: 20 }, () => report({ packets: 0 })).every(
      (sample) => (sample?.lossFraction ?? 0) === 0,
    ),
  ).toBe(true)
})
