import { randomInt } from 'node:crypto'
import { alignedInterval } from '../lib/aligned-interval.js'
import { MIDDLE_UNITS_PER_MS } from '../rtp/ntp.js'
import { BYE, packetsOf } from '../rtp/rtcp/compound.js'
import { writePli } from '../rtp/rtcp/feedback.js'
import { writeNack, writeReceiverReport, writeRemb, type LastReport } from '../rtp/rtcp/receiver-report.js'
import { parseSenderReport } from '../rtp/rtcp/sender-report.js'
import type { IncomingStream } from './incoming-stream.js'

/** Browsers report about every second; a publisher's congestion control lives of that. */
const REPORT_INTERVAL_MS = 1000
/** While packets are missing. */
const CHECK_INTERVAL_MS = 10
/**
 * We estimate no bandwidth: the publisher's own control works with our loss reports, and must not be held below what a camera sends.
 * More than any camera here may be configured for.
 */
const REMB_BPS = 100_000_000

export interface FeedbackOptions {
  incoming: IncomingStream
  /** Undefined before the transport is proven. */
  sendRtcp: (compound: Buffer) => void
  /** What the answer promised. */
  feedback: readonly string[]
  cname: string
  onBye: () => void
}

/** What one publisher hears from us: reports, retransmission requests and keyframe requests. */
export class ReceiverFeedback implements Disposable {
  readonly #options: FeedbackOptions
  readonly #ssrc = randomInt(1, 2 ** 32 - 1)
  readonly #reports: Disposable
  #checking: NodeJS.Timeout | undefined
  #lastReport: { ntpMiddle: number; atMs: number } | undefined
  requested = 0

  constructor(options: FeedbackOptions) {
    this.#options = options
    this.#reports = alignedInterval(REPORT_INTERVAL_MS, () => this.#report())
  }

  /** Called after each packet: a timer runs only while something is missing. */
  packetArrived(): void {
    if (this.#checking !== undefined || !this.#options.incoming.isWaiting) return
    this.#checking = setInterval(() => this.#check(), CHECK_INTERVAL_MS)
  }

  requestKeyframe(): void {
    const { incoming } = this.#options
    if (incoming.ssrc === undefined) return
    incoming.keyframeRequests++
    this.#send(writePli(this.#ssrc, incoming.ssrc))
  }

  /** @param compound decrypted. */
  receive(compound: Buffer): void {
    const { incoming, onBye } = this.#options
    const report = parseSenderReport(compound)
    if (report !== undefined && report.ssrc === incoming.ssrc) {
      const ntpMiddle = Math.floor(report.ntpMs * MIDDLE_UNITS_PER_MS) % 2 ** 32
      this.#lastReport = { ntpMiddle, atMs: performance.now() }
    }
    for (const packet of packetsOf(compound)) {
      const isOurs = packet[1] === BYE && packet.length >= 8 && packet.readUInt32BE(4) === incoming.ssrc
      if (isOurs) onBye()
    }
  }

  #check(): void {
    const { incoming, feedback } = this.#options
    const missing = incoming.check(performance.now())
    if (missing.length > 0 && incoming.ssrc !== undefined && feedback.includes('nack')) {
      this.requested += missing.length
      this.#send(writeNack(this.#ssrc, incoming.ssrc, missing))
    }
    if (incoming.isWaiting) return
    clearInterval(this.#checking)
    this.#checking = undefined
  }

  #report(): void {
    const { incoming, feedback, sendRtcp, cname } = this.#options
    const { ssrc, stats } = incoming
    incoming.measure(performance.now())
    if (ssrc === undefined) return
    const last: LastReport | undefined = this.#lastReport && {
      ntpMiddle: this.#lastReport.ntpMiddle,
      delayMs: performance.now() - this.#lastReport.atMs,
    }
    const report = writeReceiverReport(this.#ssrc, ssrc, stats.nextBlock(), last, cname)
    const remb = feedback.includes('goog-remb') ? [writeRemb(this.#ssrc, ssrc, REMB_BPS)] : []
    sendRtcp(Buffer.concat([report, ...remb]))
  }

  /** A compound begins with a report (RFC 3550 section 6.1); the client may not support reduced size. */
  #send(packet: Buffer): void {
    const { sendRtcp, cname } = this.#options
    sendRtcp(Buffer.concat([writeReceiverReport(this.#ssrc, 0, undefined, undefined, cname), packet]))
  }

  [Symbol.dispose](): void {
    this.#reports[Symbol.dispose]()
    clearInterval(this.#checking)
  }
}
