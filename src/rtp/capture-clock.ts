import { monotonicMs } from '../lib/monotonic-clock.js'
import { clockRateOf, type MediaCodec } from './packet.js'
import { ntpMsOf } from './ntp.js'
import type { SenderReport } from './rtcp/sender-report.js'

/** A report is parsed when it arrives. Any other time means a delayed report or another clock. */
const MAX_REPORT_AGE_MS = 2000
const MAX_REPORT_AHEAD_MS = 100
/** An overloaded encoder was seen 5 s behind the camera. */
const MAX_FRAME_AGE_MS = 10_000
const MAX_FRAME_AHEAD_MS = 50

/** Reports of one sender agree to a millisecond. One outlier is ignored; several in a row are right. */
const MAX_REPORT_ERROR_MS = 100
const OUTLIERS_ACCEPTED = 3
/** Weight of each later report in the running average, which removes rounding errors. */
const REPORT_WEIGHT = 1 / 8
/** Pipelines report every 0.5 to 5 s. After this long without one the clocks may have drifted apart. */
const REPORT_LIFETIME_MS = 60_000

/** Per millisecond: how fast the earliest arrival ages. Well above the drift of a cheap crystal. */
const ARRIVAL_AGEING = 0.0005

export interface MachineClocks {
  /** CLOCK_MONOTONIC in milliseconds when `performance.now()` was 0: one clock with two epochs. */
  monotonicOriginMs: number
  wallNowMs: () => number
}

/** The frames are captured on another machine: its clock is not ours, so only arrivals are known. */
export interface RemoteCapture {
  isRemote: true
}

const ourMachine = (): MachineClocks => ({
  monotonicOriginMs: monotonicMs() - performance.now(),
  wallNowMs: () => Date.now(),
})

interface Point {
  timestamp: number
  ms: number
}

/**
 * Maps the RTP timestamps of a stream to capture times, in milliseconds of `performance.now()`: the wall clock may jump. Video and
 * sound of a camera have one each; both know the time of the same machine.
 *
 * The source is the pipeline's sender reports. Without them it is the earliest arrival: the frame was captured shortly before it,
 * so it is also the upper bound for reports.
 */
export class CaptureClock {
  readonly #clocks: MachineClocks | undefined
  readonly #ticksPerMs: number
  #arrival: Point | undefined
  #report: Point | undefined
  #lastArrivalMs = 0
  #lastReportMs = 0
  #offset = 0
  #expectsNewSender = true
  #reportsUsed = 0
  #outliers = 0
  rejected = 0

  constructor(clocks: MachineClocks | RemoteCapture = ourMachine(), codec: MediaCodec = 'vp8') {
    this.#clocks = 'isRemote' in clocks ? undefined : clocks
    this.#ticksPerMs = clockRateOf(codec) / 1000
  }

  expectNewSender(): void {
    this.#expectsNewSender = true
  }

  /**
   * HOT: once per packet and camera.
   * @param timestamp of the timeline. @param sent as the sender wrote it; the difference changes with a restart.
   */
  noteArrival(timestamp: number, sent: number, nowMs: number): void {
    const offset = (timestamp - sent) >>> 0
    const arrival = this.#arrival
    const lateMs = arrival === undefined ? 0 : nowMs - this.#timeAt(arrival, timestamp)
    if (
      arrival === undefined ||
      this.#expectsNewSender ||
      offset !== this.#offset ||
      lateMs > MAX_FRAME_AGE_MS
    ) {
      this.#reset(timestamp, offset, nowMs)
      return
    }
    arrival.ms = nowMs - Math.max(0, lateMs - (nowMs - this.#lastArrivalMs) * ARRIVAL_AGEING)
    arrival.timestamp = timestamp
    this.#lastArrivalMs = nowMs
  }

  #reset(timestamp: number, offset: number, nowMs: number): void {
    this.#arrival = { timestamp, ms: nowMs }
    this.#report = undefined
    this.#lastArrivalMs = nowMs
    this.#offset = offset
    this.#expectsNewSender = false
    this.#reportsUsed = this.#outliers = 0
  }

  noteSenderReport({ ntpMs, rtpTimestamp }: SenderReport, nowMs: number): void {
    const timestamp = (rtpTimestamp + this.#offset) >>> 0
    const ms = this.#captureTimeOf(ntpMs, nowMs)
    if (ms === undefined || !this.#isPlausible({ timestamp, ms })) {
      this.rejected++
      return
    }
    const errorMs = this.#report === undefined ? 0 : ms - this.#timeAt(this.#report, timestamp)
    if (Math.abs(errorMs) > MAX_REPORT_ERROR_MS) {
      this.rejected++
      if (++this.#outliers < OUTLIERS_ACCEPTED) return
      this.#reportsUsed = 0
    }
    this.#outliers = 0
    const weight = Math.max(REPORT_WEIGHT, 1 / ++this.#reportsUsed)
    this.#report = { timestamp, ms: ms - errorMs * (1 - weight) }
    this.#lastReportMs = nowMs
  }

  /** Our pipelines report CLOCK_MONOTONIC, most other programs the wall clock. Anything else is ignored, such as 0 (no clock). */
  #captureTimeOf(ntpMs: number, nowMs: number): number | undefined {
    if (this.#clocks === undefined) return undefined
    const agesMs = [nowMs + this.#clocks.monotonicOriginMs - ntpMs, ntpMsOf(this.#clocks.wallNowMs()) - ntpMs]
    const ageMs = agesMs.find((age) => age > -MAX_REPORT_AHEAD_MS && age < MAX_REPORT_AGE_MS)
    return ageMs === undefined ? undefined : nowMs - ageMs
  }

  #isPlausible(point: Point): boolean {
    if (this.#arrival === undefined || this.#expectsNewSender) return false
    const ageMs = this.#arrival.ms - this.#timeAt(point, this.#arrival.timestamp)
    return ageMs > -MAX_FRAME_AHEAD_MS && ageMs < MAX_FRAME_AGE_MS
  }

  /** The reported point, unless it says that frames were captured after they arrived. */
  #best(): Point | undefined {
    const [arrival, report] = [this.#arrival, this.#report]
    if (arrival === undefined || report === undefined) return arrival
    if (this.#lastArrivalMs - this.#lastReportMs > REPORT_LIFETIME_MS) return arrival
    return this.#timeAt(report, arrival.timestamp) < arrival.ms ? report : arrival
  }

  /** Undefined for a remote capture too: the time on the way is not known. */
  captureMonotonicMs(timestamp: number): number | undefined {
    if (this.#clocks === undefined) return undefined
    const best = this.#best()
    return best === undefined ? undefined : this.#timeAt(best, timestamp)
  }

  /** The RTP timestamp of a frame captured at this time; undefined before the first packet. */
  timestampAt(monotonicMs: number): number | undefined {
    const best = this.#best()
    if (best === undefined) return undefined
    return (best.timestamp + Math.round((monotonicMs - best.ms) * this.#ticksPerMs)) >>> 0
  }

  get source(): 'none' | 'arrivals' | 'reports' {
    const best = this.#best()
    if (best === undefined) return 'none'
    return best === this.#report ? 'reports' : 'arrivals'
  }

  /** HOT */
  #timeAt({ timestamp, ms }: Point, of: number): number {
    return ms + ((of - timestamp) | 0) / this.#ticksPerMs
  }
}
