/** A viewer's path over about a second. */
export interface PathSample {
  nowMs: number
  lossFraction: number
  /** Fraction of the sent packets that have not arrived, lost or queued. */
  undelivered: number
  /** Round trip minus the shortest one; undefined if not measured. */
  queueMs: number | undefined
  deliveredBps: number
  streamBps: number
  /** The receiver's estimate, and how long ago it came. */
  remb: { bps: number; wasCut: boolean; ageMs: number } | undefined
  framesDropped: number
}

/** `queue`: packets take longer, and all of them arrive. */
export type PathState = 'normal' | 'queue' | 'overuse' | 'severe'

/**
 * Two samples of overuse in a row, one of severe overuse, or five of a queue alone limit the rate. The loss limit is high: a Wi-Fi that
 * loses one packet in twenty has room for retransmissions.
 */
export const limits = [
  { sign: 'loss', overuse: 0.15, severe: 0.4 },
  { sign: 'undelivered', overuse: 0.4, severe: Infinity },
  { sign: 'queueMs', overuse: 250, severe: 1000 },
  { sign: 'shortfall', overuse: 0.3, severe: Infinity },
] as const

/** Of the stream rate. REMB rises slowly, so a low estimate counts only while less than this arrives. */
const DELIVERED_FRACTION = 0.9
const OVERUSE_SAMPLES = 2
/** A queue through which everything passes may be a processor that reads or writes reports late. */
const QUEUE_SAMPLES = 5
/**
 * The receiver measures the delay of every packet. While it finds room for this many times the stream, a path that seems slow is a
 * busy processor: reports are written or read late.
 */
const REMB_CLEARS = 1.25
/** Receivers repeat an estimate every second, and send a lower one at once. */
const REMB_FRESH_MS = 3000

const isCleared = ({ remb, streamBps }: PathSample): boolean =>
  remb !== undefined && remb.ageMs <= REMB_FRESH_MS && streamBps > 0 && remb.bps >= streamBps * REMB_CLEARS

export function classify(sample: PathSample): PathState {
  const { remb, deliveredBps, streamBps, lossFraction, undelivered, queueMs } = sample
  const isShort = remb?.wasCut === true && deliveredBps < streamBps * DELIVERED_FRACTION
  const isLate = !isCleared(sample)
  const signs = {
    loss: lossFraction,
    undelivered: isLate ? undelivered : 0,
    queueMs: isLate ? (queueMs ?? 0) : 0,
    shortfall: isShort ? 1 - remb.bps / streamBps : 0,
  }
  const has = (bound: 'overuse' | 'severe', of: typeof signs): boolean =>
    limits.some((limit) => of[limit.sign] >= limit[bound])
  const others = deliveredBps < streamBps * DELIVERED_FRACTION ? signs : { ...signs, queueMs: 0 }
  if (has('severe', others)) return 'severe'
  if (has('overuse', others)) return 'overuse'
  return has('overuse', signs) ? 'queue' : 'normal'
}

/** Below this no frame gets through. */
const MIN_RATE_BPS = 64_000
/** Less than the delivered rate, to drain the queue. */
const BACK_OFF = 0.85
const PROBE = 1.1
/** From the lowest rate on, to which a path leads that carried nothing: it tells nothing of what it can carry now (slow start, RFC 5681). */
const SLOW_START = 2
/** Above the estimate, which may never rise for a viewer that receives keyframes only. */
const PROBE_ABOVE_REMB = 1.05
/** For a metered stream, which has few packets and no queue of its own, less is a sign of overuse. */
const METERED_LOSS = 0.1
const METERED_QUEUE_MS = 150
/** REMB rises only while it is used up, and mistakes pauses between keyframes for a slow path. */
const REMB_HEADROOM = 1.5
/** Room for a keyframe. */
const STREAM_HEADROOM = 1.25
const RATE_CEILING = 2

/** The time without overuse before the limit is removed; doubled after a relapse. */
const CALM_MS = 3000
const MAX_CALM_MS = 60_000
const RELAPSE_MS = 30_000

const probeBelow = (remb: PathSample['remb'], allowedBps: number): number =>
  remb === undefined || allowedBps * PROBE <= remb.bps * REMB_HEADROOM ? PROBE : PROBE_ABOVE_REMB

/** Limits a viewer's rate from samples of its path. */
export class CongestionControl {
  #overuseSamples = 0
  /** The best of the samples with overuse: in the last one nothing may have arrived. */
  #carriedBps = 0
  #calmSinceMs: number | undefined
  #calmNeededMs = CALM_MS
  #unlimitedAtMs = -Infinity
  #isSlowStart = false
  /** Undefined without a limit. */
  allowedBps: number | undefined

  onSample(sample: PathSample): void {
    if (this.allowedBps === undefined) this.#watch(sample)
    else this.allowedBps = this.#adjust(sample, this.allowedBps)
  }

  #watch(sample: PathSample): void {
    const state = classify(sample)
    const carriedBps = Math.min(sample.deliveredBps, sample.streamBps)
    this.#carriedBps = this.#overuseSamples === 0 ? carriedBps : Math.max(this.#carriedBps, carriedBps)
    const weight = { normal: 0, queue: OVERUSE_SAMPLES / QUEUE_SAMPLES, overuse: 1, severe: OVERUSE_SAMPLES }[
      state
    ]
    this.#overuseSamples = state === 'normal' ? 0 : this.#overuseSamples + weight
    if (this.#overuseSamples < OVERUSE_SAMPLES) return
    const relapsed = sample.nowMs - this.#unlimitedAtMs < RELAPSE_MS
    this.#calmNeededMs = relapsed ? Math.min(this.#calmNeededMs * 2, MAX_CALM_MS) : CALM_MS
    this.#calmSinceMs = undefined
    this.allowedBps = Math.max(MIN_RATE_BPS, this.#carriedBps * BACK_OFF)
    this.#isSlowStart = this.allowedBps === MIN_RATE_BPS
  }

  #adjust(sample: PathSample, allowedBps: number): number | undefined {
    const { nowMs, streamBps, remb } = sample
    const isQueued = (sample.queueMs ?? 0) >= METERED_QUEUE_MS && !isCleared(sample)
    const isOverused = sample.lossFraction >= METERED_LOSS || isQueued
    if (isOverused || remb?.wasCut === true) this.#isSlowStart = allowedBps * BACK_OFF <= MIN_RATE_BPS
    const probe = this.#isSlowStart ? SLOW_START : probeBelow(remb, allowedBps)
    const capBps = Math.max(streamBps * RATE_CEILING, allowedBps)
    const next = isOverused ? allowedBps * BACK_OFF : Math.min(allowedBps * probe, capBps)
    const fits = !isOverused && sample.framesDropped === 0 && next >= streamBps * STREAM_HEADROOM
    if (!fits) this.#calmSinceMs = undefined
    else this.#calmSinceMs ??= nowMs
    if (this.#calmSinceMs !== undefined && nowMs - this.#calmSinceMs >= this.#calmNeededMs) {
      this.#unlimitedAtMs = nowMs
      this.#overuseSamples = 0
      return undefined
    }
    return Math.max(MIN_RATE_BPS, next)
  }
}
