import type { Feedback, ReceptionReport } from '../../rtp/rtcp/feedback.js'
import { roundTripMs } from '../../rtp/rtcp/sender-report.js'
import type { PathSample } from './congestion.js'

/** Reports come several times a second; a sample needs enough packets. */
const SAMPLE_MS = 1000
const SAMPLE_PACKETS = 20
/** For a stream of fewer packets. */
const SLOW_SAMPLE_MS = 3000
/** Receivers repeat an estimate every second or two. */
const REMB_LIFETIME_MS = 10_000
/** Receivers lower their estimate by 15 % when a queue grows; less is noise. */
const CUT = 0.97
/** The shortest round trip is that of an empty path. Paths change, so it expires. */
const BASE_LIFETIME_MS = 60_000

/** Since the start; octets are payload. */
export interface SentSoFar {
  packets: number
  octets: number
  cameraOctets: number
  framesDropped: number
}

/** Measures the path to one viewer from its reports. */
export class PathStats {
  #last: { atMs: number; report: ReceptionReport; sent: SentSoFar } | undefined
  #remb: { bps: number; atMs: number } | undefined
  #wasCut = false
  #newRoundTrip = false
  readonly #base = new RecentMinimum(BASE_LIFETIME_MS)
  roundTripMs: number | undefined
  fractionLost: number | undefined
  #deliveredBps: number | undefined

  /** @param wallMs in the clock of our sender reports. @returns a sample if there are enough packets for one. */
  onFeedback(feedback: Feedback, sent: SentSoFar, nowMs: number, wallMs: number): PathSample | undefined {
    if (feedback.rembBps !== undefined) this.#applyRemb(feedback.rembBps, nowMs)
    const { report } = feedback
    if (report === undefined) return undefined
    this.#applyRoundTrip(report, nowMs, wallMs)
    const last = this.#last
    if (last === undefined) {
      this.#last = { atMs: nowMs, report, sent }
      return undefined
    }
    const expected = (report.highestSequence - last.report.highestSequence) | 0
    const elapsedMs = nowMs - last.atMs
    const packets = sent.packets - last.sent.packets
    if (elapsedMs < (Math.max(expected, packets) < SAMPLE_PACKETS ? SLOW_SAMPLE_MS : SAMPLE_MS))
      return undefined
    this.#last = { atMs: nowMs, report, sent }
    if (expected < 0) return undefined
    return this.#sample({ nowMs, elapsedMs, expected, report, sent, last })
  }

  #sample(of: {
    nowMs: number
    elapsedMs: number
    expected: number
    report: ReceptionReport
    sent: SentSoFar
    last: { report: ReceptionReport; sent: SentSoFar }
  }): PathSample {
    const { nowMs, elapsedMs, expected, report, sent, last } = of
    const lost = Math.min(expected, Math.max(0, report.cumulativeLost - last.report.cumulativeLost))
    const packets = sent.packets - last.sent.packets
    const packetBits = packets > 0 ? ((sent.octets - last.sent.octets) * 8) / packets : 0
    const lossFraction = expected > 0 ? lost / expected : 0
    const queueMs =
      this.#newRoundTrip && this.roundTripMs !== undefined
        ? this.roundTripMs - this.#base.of(this.roundTripMs, nowMs)
        : undefined
    this.#newRoundTrip = false
    this.#deliveredBps = ((expected - lost) * packetBits * 1000) / elapsedMs
    const streamBps = ((sent.cameraOctets - last.sent.cameraOctets) * 8000) / elapsedMs
    const remb = this.#freshRemb(nowMs)
    if (remb !== undefined && remb.bps >= streamBps) this.#wasCut = false
    return {
      nowMs,
      lossFraction,
      undelivered: packets > 0 ? Math.max(0, 1 - (expected - lost) / packets) : 0,
      queueMs,
      deliveredBps: this.#deliveredBps,
      streamBps,
      remb: remb && { bps: remb.bps, wasCut: this.#wasCut, ageMs: nowMs - remb.atMs },
      framesDropped: sent.framesDropped - last.sent.framesDropped,
    }
  }

  #applyRemb(bps: number, nowMs: number): void {
    if (this.#remb !== undefined && bps < this.#remb.bps * CUT) this.#wasCut = true
    this.#remb = { bps, atMs: nowMs }
  }

  #freshRemb(nowMs: number): { bps: number; atMs: number } | undefined {
    return this.#remb !== undefined && nowMs - this.#remb.atMs < REMB_LIFETIME_MS ? this.#remb : undefined
  }

  #applyRoundTrip({ block, fractionLost }: ReceptionReport, nowMs: number, wallMs: number): void {
    this.fractionLost = fractionLost
    const roundTrip = roundTripMs(block, wallMs)
    if (roundTrip === undefined) return
    this.roundTripMs = roundTrip
    this.#newRoundTrip = true
    this.#base.of(roundTrip, nowMs)
  }

  /** REMB, but at least the delivered rate: a receiver that gets little estimates too little. */
  availableBitrateBps(nowMs: number): number | undefined {
    const remb = this.#freshRemb(nowMs)?.bps
    if (remb === undefined || this.#deliveredBps === undefined) return remb ?? this.#deliveredBps
    return Math.max(remb, this.#deliveredBps)
  }
}

/** The minimum of the last one to two lifetimes, in constant memory. */
class RecentMinimum {
  readonly #lifetimeMs: number
  #before = Infinity
  #current = Infinity
  #sinceMs = -Infinity

  constructor(lifetimeMs: number) {
    this.#lifetimeMs = lifetimeMs
  }

  of(value: number, nowMs: number): number {
    if (nowMs - this.#sinceMs > this.#lifetimeMs) {
      this.#before = this.#current
      this.#current = Infinity
      this.#sinceMs = nowMs
    }
    this.#current = Math.min(this.#current, value)
    return Math.min(this.#current, this.#before)
  }
}
