import { alignedInterval } from '../../lib/aligned-interval.js'
import { writeDlrr, type ReferenceTime } from '../../rtp/rtcp/extended-report.js'
import { writeSenderReport } from '../../rtp/rtcp/sender-report.js'
import type { ReportedClock } from '../media/source.js'

/** RFC 3550 section 6.2: allowed while RTCP is a small part of the bandwidth, here 0.03 %. */
const INTERVAL_MS = 1000
/** A receiver needs two reports to map timestamps. */
const FIRST_REPORT_MS = 100

export interface ReportedStream {
  clock: ReportedClock
  sent: { readonly packets: number; readonly octets: number }
  ssrc: number
  cname: string
  sendRtcp: (compound: Buffer) => void
}

export interface Reports extends Disposable {
  /** Answers with the next report (RFC 3611 section 4.5). @param atMs monotonic arrival time. */
  answerReferenceTime(reference: ReferenceTime, atMs: number): void
}

/** Reports soon after the first packet, then every second in which packets were sent (RFC 3550 section 6.4). */
export function sendSenderReports({ clock, sent, ssrc, cname, sendRtcp }: ReportedStream): Reports {
  let reportedPackets = 0
  let pending: { reference: ReferenceTime; atMs: number } | undefined
  const report = (): void => {
    const { packets, octets } = sent
    // Read together: the wall clock may have been set since the last report.
    const nowMs = performance.now()
    const wallMs = Date.now()
    const rtpTimestamp = clock.timestampAt(nowMs)
    if (packets === reportedPackets || rtpTimestamp === undefined) return
    reportedPackets = packets
    const senderReport = writeSenderReport({ ssrc, wallMs, rtpTimestamp, packets, octets, cname })
    const dlrr = pending && writeDlrr(ssrc, pending.reference, nowMs - pending.atMs)
    pending = undefined
    sendRtcp(dlrr ? Buffer.concat([senderReport, dlrr]) : senderReport)
  }
  let reporting = alignedInterval(FIRST_REPORT_MS, () => {
    report()
    if (reportedPackets === 0) return
    reporting[Symbol.dispose]()
    reporting = alignedInterval(INTERVAL_MS, report)
  })
  return {
    answerReferenceTime: (reference, atMs) => void (pending = { reference, atMs }),
    [Symbol.dispose]: () => reporting[Symbol.dispose](),
  }
}
