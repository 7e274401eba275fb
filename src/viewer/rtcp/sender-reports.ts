import { alignedInterval } from '../../lib/aligned-interval.js'
import { writeDlrr, type ReferenceTime } from '../../rtp/rtcp/extended-report.js'
import { writeSenderReport } from '../../rtp/rtcp/sender-report.js'
import type { ReportedClock } from '../media/source.js'

/** RFC 3550 section 6.2 lets a sender report this often where RTCP is a small part of its bandwidth; here it is 0.03 %. */
const INTERVAL_MS = 1000
/** Until the first packet was sent: a receiver cannot tell the time of a picture before two reports. */
const FIRST_LOOK_MS = 100

export interface ReportedStream {
  clock: ReportedClock
  /** What the viewer was sent since the start, without headers. */
  sent: { readonly packets: number; readonly octets: number }
  ssrc: number
  cname: string
  sendRtcp: (compound: Buffer) => void
}

export interface Reports extends Disposable {
  /** Gives the receiver its clock back with the next report (RFC 3611 section 4.5). @param atMs when it came, monotonic. */
  giveBack(reference: ReferenceTime, atMs: number): void
}

/**
 * Tells one viewer which wall clock time its RTP timestamps mean: soon after its first packet, then every second in which it was
 * sent something (RFC 3550 section 6.4).
 */
export function sendSenderReports({ clock, sent, ssrc, cname, sendRtcp }: ReportedStream): Reports {
  let reportedPackets = 0
  let asked: { reference: ReferenceTime; atMs: number } | undefined
  const report = (): void => {
    const { packets, octets } = sent
    // Read next to each other: the wall clock may have been set since the last report.
    const nowMs = performance.now()
    const wallMs = Date.now()
    const rtpTimestamp = clock.timestampAt(nowMs)
    if (packets === reportedPackets || rtpTimestamp === undefined) return
    reportedPackets = packets
    const senderReport = writeSenderReport({ ssrc, wallMs, rtpTimestamp, packets, octets, cname })
    const givenBack = asked && writeDlrr(ssrc, asked.reference, nowMs - asked.atMs)
    asked = undefined
    sendRtcp(givenBack ? Buffer.concat([senderReport, givenBack]) : senderReport)
  }
  let reporting = alignedInterval(FIRST_LOOK_MS, () => {
    report()
    if (reportedPackets === 0) return
    reporting[Symbol.dispose]()
    reporting = alignedInterval(INTERVAL_MS, report)
  })
  return {
    giveBack: (reference, atMs) => void (asked = { reference, atMs }),
    [Symbol.dispose]: () => reporting[Symbol.dispose](),
  }
}
