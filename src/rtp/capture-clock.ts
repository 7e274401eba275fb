import { monotonicMs } from '../lib/monotonic-clock.js'
import { CLOCK_RATE_HZ } from './packet.js'
import { ntpMsOf } from './ntp.js'
import type { SenderReport } from './rtcp/sender-report.js'

const TICKS_PER_MS = CLOCK_RATE_HZ / 1000

/** A report is read when it arrives: what says another time was not written now, or by another clock. */
const MAX_REPORT_AGE_MS = 2000
const MAX_REPORT_AHEAD_MS = 100
/** An overloaded encoder was seen 5 s behind the camera; what is further off is another time line. */
const MAX_FRAME_AGE_MS = 10_000
const MAX_FRAME_AHEAD_MS = 50

/** Reports of one sender agree to a millisecond. One that does not is left out, several that do not are right. */
const MAX_REPORT_ERROR_MS = 100
const REPORTS_THAT_CONVINCE = 3
/** The weight of each report after the first few: their rounding is averaged out. */
const REPORT_WEIGHT = 1 / 8
/** Pipelines report every half second to five: without, the two clocks may have drifted apart by now. */
const REPORT_LIFETIME_MS = 60_000

/** How fast the quickest arrival is forgotten, per millisecond: well above what a cheap crystal drifts. */
const FORGETTING = 0.0005

/** The clocks of this machine, as this process sees them. */
export interface MachineClocks {
  /** CLOCK_MONOTONIC when `performance.now()` was 0, in milliseconds: they are one clock, counted from two moments. */
  monotonicOriginMs: number
  wallNowMs: () => number
}

const ourMachine = (): MachineClocks => ({
  monotonicOriginMs: monotonicMs() - performance.now(),
  wallNowMs: () => Date.now(),
})

/** A timestamp and the moment at which its picture was captured: one point says it all, for both run at a known rate. */
interface Point {
  timestamp: number
  ms: number
}

/**
 * When the pictures of one camera were captured. The timestamps are those of the camera's own unbroken line, the moments are
 * monotonic milliseconds as `performance.now()` counts them: the wall clock may be set at any time and is asked last.
 *
 * The pipeline's sender reports tell. While there are none, the quickest arrival does: capture was before it, by an unknown
 * but short time, so it is also the latest that a report may claim.
 */
export class CaptureClock {
  readonly #clocks: MachineClocks
  #arrival: Point | undefined
  #report: Point | undefined
  #lastArrivalMs = 0
  #lastReportMs = 0
  #offset = 0
  #expectsNewSender = true
  #reportsTaken = 0
  #doubts = 0
  refused = 0

  constructor(clocks: MachineClocks = ourMachine()) {
    this.#clocks = clocks
  }

  /** The next packet comes from a new sender; what is reported before it cannot be placed. */
  expectNewSender(): void {
    this.#expectsNewSender = true
  }

  /**
   * HOT: once per packet and camera.
   * @param timestamp on the camera's line.
   * @param sent the same, as its sender wrote it: their difference is new after a restart, and then so is everything.
   */
  noteArrival(timestamp: number, sent: number, nowMs: number): void {
    const offset = (timestamp - sent) >>> 0
    const arrival = this.#arrival
    const lateMs = arrival === undefined ? 0 : nowMs - momentOf(arrival, timestamp)
    if (
      arrival === undefined ||
      this.#expectsNewSender ||
      offset !== this.#offset ||
      lateMs > MAX_FRAME_AGE_MS
    ) {
      this.#startAnew(timestamp, offset, nowMs)
      return
    }
    arrival.ms = nowMs - Math.max(0, lateMs - (nowMs - this.#lastArrivalMs) * FORGETTING)
    arrival.timestamp = timestamp
    this.#lastArrivalMs = nowMs
  }

  #startAnew(timestamp: number, offset: number, nowMs: number): void {
    this.#arrival = { timestamp, ms: nowMs }
    this.#report = undefined
    this.#lastArrivalMs = nowMs
    this.#offset = offset
    this.#expectsNewSender = false
    this.#reportsTaken = this.#doubts = 0
  }

  /** A report of the sender whose packets arrive. What cannot be true is refused, and counted. */
  noteSenderReport({ ntpMs, rtpTimestamp }: SenderReport, nowMs: number): void {
    const timestamp = (rtpTimestamp + this.#offset) >>> 0
    const ms = this.#momentOfReport(ntpMs, nowMs)
    if (ms === undefined || !this.#canBe({ timestamp, ms })) {
      this.refused++
      return
    }
    const errorMs = this.#report === undefined ? 0 : ms - momentOf(this.#report, timestamp)
    if (Math.abs(errorMs) > MAX_REPORT_ERROR_MS) {
      this.refused++
      if (++this.#doubts < REPORTS_THAT_CONVINCE) return
      this.#reportsTaken = 0
    }
    this.#doubts = 0
    const weight = Math.max(REPORT_WEIGHT, 1 / ++this.#reportsTaken)
    this.#report = { timestamp, ms: ms - errorMs * (1 - weight) }
    this.#lastReportMs = nowMs
  }

  /** Our pipelines report CLOCK_MONOTONIC, most other programs the wall clock; anything else, as 0 for "no clock", is neither. */
  #momentOfReport(ntpMs: number, nowMs: number): number | undefined {
    const agesMs = [nowMs + this.#clocks.monotonicOriginMs - ntpMs, ntpMsOf(this.#clocks.wallNowMs()) - ntpMs]
    const ageMs = agesMs.find((age) => age > -MAX_REPORT_AHEAD_MS && age < MAX_REPORT_AGE_MS)
    return ageMs === undefined ? undefined : nowMs - ageMs
  }

  /** Whether a point makes the newest picture neither too old nor one from the future. */
  #canBe(point: Point): boolean {
    if (this.#arrival === undefined || this.#expectsNewSender) return false
    const ageMs = this.#arrival.ms - momentOf(point, this.#arrival.timestamp)
    return ageMs > -MAX_FRAME_AHEAD_MS && ageMs < MAX_FRAME_AGE_MS
  }

  /** The point to count from: what is reported, but nothing is captured after it arrived. */
  #best(): Point | undefined {
    const [arrival, report] = [this.#arrival, this.#report]
    if (arrival === undefined || report === undefined) return arrival
    if (this.#lastArrivalMs - this.#lastReportMs > REPORT_LIFETIME_MS) return arrival
    return momentOf(report, arrival.timestamp) < arrival.ms ? report : arrival
  }

  /** When a picture was captured, in monotonic milliseconds; undefined before the first packet. */
  captureMonotonicMs(timestamp: number): number | undefined {
    const best = this.#best()
    return best === undefined ? undefined : momentOf(best, timestamp)
  }

  /** The RTP timestamp of a picture that is captured at this moment; undefined before the first packet. */
  timestampAt(monotonicMs: number): number | undefined {
    const best = this.#best()
    if (best === undefined) return undefined
    return (best.timestamp + Math.round((monotonicMs - best.ms) * TICKS_PER_MS)) >>> 0
  }

  /** What the answers rest on. */
  get source(): 'none' | 'arrivals' | 'reports' {
    const best = this.#best()
    if (best === undefined) return 'none'
    return best === this.#report ? 'reports' : 'arrivals'
  }
}

/** The difference of two timestamps is less than 2^31 ticks, 6 hours, or another line has begun. */
const momentOf = ({ timestamp, ms }: Point, of: number): number => ms + ((of - timestamp) | 0) / TICKS_PER_MS
