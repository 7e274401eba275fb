import type { Quality, Size } from '../media/source.js'
import type { PathSample } from './congestion.js'
import { PathTrial } from './path-trial.js'

/** On the small size before the next trial. A trial is cheap: it costs no picture. */
const REST_MS = 4000
/** After a path that was found wide enough and was not: doubled each time. */
const MAX_REST_MS = 60_000
const RELAPSE_MS = 30_000
/** A viewer without RTX is sent the large size to find out, and pays for it with its pictures. */
const BLIND_REST_MS = 10_000

/** Of the large size: room for its keyframes. */
const NEEDED = 1.15
/** An estimate of the receiver above this needs no trial. */
const REMB_SUFFICES = 1.25

/** What the choice depends on, beside the sample. */
export interface SizeContext {
  /** The size that is sent. */
  size: Size
  /** The limit of congestion control. */
  allowedBps: number | undefined
  /** The rate of the large size. */
  highBps: number
  /** Whether packets of a trial can be sent, which the receiver ignores. */
  canProbe: boolean
}

/** The size for one viewer: the small one as soon as its path is limited, the large one when that is known to pass. */
export class SizeChoice {
  #wanted: Size
  #quality: Quality
  #restMs = REST_MS
  #downAtMs = -Infinity
  #restUntilMs = 0
  #upAtMs = -Infinity
  #failedBps = 0
  #trial: PathTrial | undefined

  constructor(quality: Quality = 'auto') {
    this.#quality = quality
    this.#wanted = quality === 'low' ? 'low' : 'high'
  }

  get quality(): Quality {
    return this.#quality
  }

  get wanted(): Size {
    return this.#wanted
  }

  /** The viewer asks for another one. With `auto` it keeps the size until its path is known to carry the other. */
  ask(quality: Quality, nowMs: number): void {
    if (quality === this.#quality) return
    this.#quality = quality
    this.#trial = undefined
    if (quality === 'auto') this.#restUntilMs = nowMs
    else this.#wanted = quality
  }

  onSample(sample: PathSample, context: SizeContext): void {
    if (this.#quality !== 'auto') return
    if (this.#wanted === 'high') this.#onHigh(sample, context)
    else if (context.size === 'low') this.#onLow(sample, context)
  }

  onEstimate(rembBps: number, nowMs: number): void {
    if (this.#trial?.onEstimate(rembBps) === true) this.#fail(nowMs)
  }

  /** What is to be sent beside the small size now, in bit/s. */
  extraBps(nowMs: number): number {
    return this.#trial?.extraBps(nowMs) ?? 0
  }

  #onHigh({ nowMs, deliveredBps, streamBps }: PathSample, { allowedBps }: SizeContext): void {
    if (allowedBps === undefined) return
    this.#wanted = 'low'
    this.#downAtMs = nowMs
    const relapsed = nowMs - this.#upAtMs < RELAPSE_MS
    this.#restMs = relapsed ? Math.min(this.#restMs * 2, MAX_REST_MS) : REST_MS
    this.#restUntilMs = nowMs + this.#restMs
    this.#failedBps = Math.min(Math.max(deliveredBps, allowedBps), streamBps)
  }

  #onLow(sample: PathSample, { allowedBps, highBps, canProbe }: SizeContext): void {
    const { nowMs, remb, streamBps } = sample
    if (this.#trial !== undefined) {
      const verdict = allowedBps === undefined ? this.#trial.onSample(sample) : 'failed'
      if (verdict === 'passed') this.#up(nowMs)
      else if (verdict === 'failed') this.#fail(nowMs)
      return
    }
    if (allowedBps !== undefined || nowMs < this.#restUntilMs || highBps <= 0 || streamBps <= 0) return
    const isKnown = remb !== undefined && remb.bps >= highBps * REMB_SUFFICES
    const isBlind = !canProbe && nowMs - this.#downAtMs >= Math.max(BLIND_REST_MS, this.#restMs)
    if (isKnown || isBlind) this.#up(nowMs)
    else if (canProbe) this.#trial = new PathTrial(streamBps, highBps * NEEDED, this.#failedBps, nowMs)
  }

  #up(nowMs: number): void {
    this.#trial = undefined
    this.#upAtMs = nowMs
    this.#wanted = 'high'
  }

  #fail(nowMs: number): void {
    this.#failedBps = this.#trial?.totalBps(nowMs) ?? this.#failedBps
    this.#trial = undefined
    this.#restUntilMs = nowMs + this.#restMs
  }
}
