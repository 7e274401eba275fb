/** What one look at a viewer's path found, over about a second. */
export interface PathSample {
  nowMs: number
  /** Of the packets that should have come, 0 to 1. */
  lossFraction: number
  /** Of the packets that were sent, those that have not come, lost or still on their way. */
  undelivered: number
  /** How much longer the round trip takes than when nothing waits on the way; undefined where it was not measured. */
  queueMs: number | undefined
  /** What arrived, and what the camera sends, in bit/s. */
  deliveredBps: number
  streamBps: number
  /** The receiver's own estimate (REMB), where it sends one. */
  remb: { bps: number; wasCut: boolean } | undefined
  /** Pictures that were left out since the last look. */
  framesLeftOut: number
}

export type PathState = 'clear' | 'strained' | 'jammed'

/**
 * What is taken for a sign that a path cannot take what is sent. Two looks in a row that are strained, or one that is jammed, and
 * the viewer is sent less. Loss alone has to be heavy: a Wi-Fi that loses one packet in twenty has room for them a second time.
 */
export const limits = [
  { sign: 'loss', strained: 0.15, jammed: 0.4 },
  { sign: 'undelivered', strained: 0.4, jammed: Infinity },
  { sign: 'queueMs', strained: 250, jammed: 1000 },
  { sign: 'shortfall', strained: 0.3, jammed: Infinity },
] as const

/** Of the stream: an estimate below it counts only while less arrives than is sent, for it is slow to rise again. */
const KEEPS_UP_FRACTION = 0.9
/** Looks in a row that have to agree. */
const OVERUSE_SAMPLES = 2

export function classify(look: PathSample): PathState {
  const { remb, deliveredBps, streamBps, lossFraction, undelivered, queueMs } = look
  const isShort = remb?.wasCut === true && deliveredBps < streamBps * KEEPS_UP_FRACTION
  const signs = {
    loss: lossFraction,
    undelivered,
    queueMs: queueMs ?? 0,
    shortfall: isShort ? 1 - remb.bps / streamBps : 0,
  }
  if (limits.some(({ sign, jammed }) => signs[sign] >= jammed)) return 'jammed'
  return limits.some(({ sign, strained }) => signs[sign] >= strained) ? 'strained' : 'clear'
}

/** Below this no picture comes through anyway. */
const MIN_RATE_BPS = 64_000
/** A little less than what got through, so that the queue on the way empties. */
const BACK_OFF = 0.85
/** Per look without a sign of trouble. */
const PROBE = 1.1
/** The same, beyond what the receiver's estimate lets hope for: who is sent keyframes only may estimate too little for ever. */
const BOLD_PROBE = 1.05
/** Of a metered stream: its own packets are few and its queue is ours, so less is a sign. */
const METERED_LOSS = 0.1
const METERED_QUEUE_MS = 150
/** Of the receiver's estimate: it only rises while it is used up, and takes the pauses between keyframes for a slow path. */
const REMB_HEADROOM = 1.5
/** Of the camera's rate: room for a keyframe. */
const STREAM_HEADROOM = 1.25
const RATE_CEILING = 2

/** How long everything has to fit before the limit is taken away; doubled for who falls back within a while. */
const CALM_MS = 3000
const MAX_CALM_MS = 60_000
const RELAPSE_MS = 30_000

/**
 * Decides from looks at its path whether a viewer is sent everything, or at most a rate. Knows no clock and no packets.
 */
export class CongestionControl {
  #overuseSamples = 0
  /** What got through in the looks that were strained: in the last one it may have been nothing. */
  #carriedBps = 0
  #calmSinceMs: number | undefined
  #calmNeededMs = CALM_MS
  #clearedAtMs = -Infinity
  /** What the viewer may be sent in bit/s; undefined while there is no limit. */
  allowedBps: number | undefined

  onSample(look: PathSample): void {
    if (this.allowedBps === undefined) this.#watch(look)
    else this.allowedBps = this.#adjust(look, this.allowedBps)
  }

  #watch(look: PathSample): void {
    const verdict = classify(look)
    const carriedBps = Math.min(look.deliveredBps, look.streamBps)
    this.#carriedBps = this.#overuseSamples === 0 ? carriedBps : Math.max(this.#carriedBps, carriedBps)
    this.#overuseSamples = verdict === 'clear' ? 0 : this.#overuseSamples + 1
    if (verdict !== 'jammed' && this.#overuseSamples < OVERUSE_SAMPLES) return
    const relapsed = look.nowMs - this.#clearedAtMs < RELAPSE_MS
    this.#calmNeededMs = relapsed ? Math.min(this.#calmNeededMs * 2, MAX_CALM_MS) : CALM_MS
    this.#calmSinceMs = undefined
    this.allowedBps = Math.max(MIN_RATE_BPS, this.#carriedBps * BACK_OFF)
  }

  #adjust(look: PathSample, allowedBps: number): number | undefined {
    const { nowMs, streamBps, remb } = look
    const inTrouble = look.lossFraction >= METERED_LOSS || (look.queueMs ?? 0) >= METERED_QUEUE_MS
    const hopedForBps = remb === undefined ? Infinity : remb.bps * REMB_HEADROOM
    const probe = allowedBps * PROBE <= hopedForBps ? PROBE : BOLD_PROBE
    const capBps = Math.max(streamBps * RATE_CEILING, allowedBps)
    const next = inTrouble ? allowedBps * BACK_OFF : Math.min(allowedBps * probe, capBps)
    const fits = !inTrouble && look.framesLeftOut === 0 && next >= streamBps * STREAM_HEADROOM
    if (!fits) this.#calmSinceMs = undefined
    else this.#calmSinceMs ??= nowMs
    if (this.#calmSinceMs !== undefined && nowMs - this.#calmSinceMs >= this.#calmNeededMs) {
      this.#clearedAtMs = nowMs
      this.#overuseSamples = 0
      return undefined
    }
    return Math.max(MIN_RATE_BPS, next)
  }
}
