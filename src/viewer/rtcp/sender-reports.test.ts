import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { ntpMsOf } from '../../rtp/ntp.js'
import { parseSenderReport } from '../../rtp/rtcp/sender-report.js'
import { sendSenderReports } from './sender-reports.js'

const SSRC = 0xcafebabe
beforeEach(() => {
  vi.useFakeTimers()
  return () => vi.useRealTimers()
})

function viewer(clock = { timestampAt: (ms: number): number | undefined => Math.round(ms * 90) }) {
  const compounds: Buffer[] = []
  const sent = { packets: 0, octets: 0 }
  const sendRtcp = (compound: Buffer): void => void compounds.push(compound)
  const reports = sendSenderReports({ clock, sent, ssrc: SSRC, cname: 'camera1', sendRtcp })
  onTestFinished(() => reports[Symbol.dispose]())
  const play = (packets: number): void => {
    sent.packets += packets
    sent.octets += packets * 1000
  }
  return { compounds, play, reports }
}

test('the first report follows the first packet, then there is one every second', () => {
  const { compounds, play } = viewer()
  vi.advanceTimersByTime(5000)
  expect(compounds).toEqual([])
  play(3)
  vi.advanceTimersByTime(100)
  expect(compounds).toHaveLength(1)
  for (let i = 0; i < 30; i++) {
    play(1)
    vi.advanceTimersByTime(100)
  }
  expect(compounds).toHaveLength(4)
})

test('a report has the counters, and the wall clock and the timestamp of the same moment', () => {
  const { compounds, play } = viewer()
  play(3)
  vi.advanceTimersByTime(100)
  expect(parseSenderReport(compounds[0]!)).toEqual({
    ssrc: SSRC,
    ntpMs: expect.closeTo(ntpMsOf(Date.now()), 2) as number,
    rtpTimestamp: Math.round(performance.now() * 90),
  })
  expect([compounds[0]!.readUInt32BE(20), compounds[0]!.readUInt32BE(24)]).toEqual([3, 3000])
})

test('a change of the wall clock is in the next report', () => {
  const { compounds, play } = viewer()
  play(1)
  vi.advanceTimersByTime(100)
  vi.setSystemTime(Date.now() + 3_600_000)
  play(1)
  vi.advanceTimersByTime(1000)
  const [before, after] = compounds.map((compound) => parseSenderReport(compound)!)
  expect(after!.ntpMs - before!.ntpMs).toBeCloseTo(3_600_900, 1)
  expect(after!.rtpTimestamp - before!.rtpTimestamp).toBe(81_000)
})

test('there is no report while nothing is sent', () => {
  const { compounds, play } = viewer()
  play(1)
  vi.advanceTimersByTime(10_000)
  expect(compounds).toHaveLength(1)
  play(1)
  vi.advanceTimersByTime(1000)
  expect(compounds).toHaveLength(2)
})

test('there is no report while the capture time is unknown, nor after the end', () => {
  const unknown = viewer({ timestampAt: () => undefined })
  unknown.play(1)
  const ended = viewer()
  ended.play(1)
  ended.reports[Symbol.dispose]()
  vi.advanceTimersByTime(5000)
  expect([unknown.compounds, ended.compounds]).toEqual([[], []])
  expect(vi.getTimerCount()).toBe(1)
})

test('a receiver reference time is answered once, in the next report, with the delay', () => {
  const { compounds, play, reports } = viewer()
  play(1)
  vi.advanceTimersByTime(100)
  reports.answerReferenceTime({ ssrc: 1, ntpMiddle: 0x22223333 }, performance.now())
  play(1)
  vi.advanceTimersByTime(1000)
  play(1)
  vi.advanceTimersByTime(1000)
  const [before, answer, after] = compounds.map((compound) => compound.toString('hex'))
  expect(answer).toMatch(/80cf0005cafebabe0500000300000001222233330000e666$/)
  expect([before, after].join()).not.toContain('80cf0005')
})
