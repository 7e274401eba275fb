import type { PathSample } from './congestion.js'

/** Up to a quarter more than what did not pass before, without waiting for reports: the queue stays short. */
const CAREFUL_MS = 500
const CAREFUL_STEP = 1.15
const BEYOND_FAILED = 1.25
/** From there on, one step for each report. A report a second later finds a queue of 0.4 s at most. */
const QUICK_STEP = 1.35
/** A report tells of the time before it, so a rate has to pass this long. */
const PASSED_MS = 700

/** Signs that the path does not carry it. */
const MAX_LOSS = 0.05
const MAX_QUEUE_MS = 120
const REMB_FALL = 0.9

/**
 * Whether a path carries more than it is sent. The receiver's estimate rises to 1.5 times what it receives, so more is sent for some
 * seconds, step by step up to what is needed.
 */
export class PathTrial {
  readonly #baseBps: number
  readonly #neededBps: number
  readonly #carefulBps: number
  readonly #startedMs: number
  /** The rate that stands still until a report says that it passes; undefined during the careful steps. */
  #hold: { sinceMs: number; bps: number } | undefined
  #highestRembBps = 0
  #isOver = false
  #wasQueued = false

  /** @param baseBps what is sent anyway. @param failedBps what did not pass before. */
  constructor(baseBps: number, neededBps: number, failedBps: number, nowMs: number) {
    this.#baseBps = baseBps
    this.#neededBps = neededBps
    this.#carefulBps = Math.min(Math.max(failedBps * BEYOND_FAILED, baseBps), neededBps)
    this.#startedMs = nowMs
  }

  /** The rate of now, with what is sent anyway. */
  totalBps(nowMs: number): number {
    if (this.#hold !== undefined) return this.#hold.bps
    const steps = 1 + Math.floor((nowMs - this.#startedMs) / CAREFUL_MS)
    const bps = this.#baseBps * CAREFUL_STEP ** steps
    if (bps < this.#carefulBps) return bps
    this.#hold = { sinceMs: nowMs, bps: this.#carefulBps }
    return this.#carefulBps
  }

  extraBps(nowMs: number): number {
    return this.#isOver ? 0 : Math.max(0, this.totalBps(nowMs) - this.#baseBps)
  }

  /** A lower estimate comes at once, before the next sample. @returns whether the trial has failed. */
  onEstimate(rembBps: number): boolean {
    this.#isOver ||= rembBps < this.#highestRembBps * REMB_FALL
    this.#highestRembBps = Math.max(this.#highestRembBps, rembBps)
    return this.#isOver
  }

  /** @returns undefined while it goes on. */
  onSample({ nowMs, lossFraction, queueMs }: PathSample): 'passed' | 'failed' | undefined {
    const isQueued = (queueMs ?? 0) >= MAX_QUEUE_MS
    // A receiver that estimates notices a queue by itself, so one late report may be that of a busy processor.
    const isSure = this.#wasQueued || this.#highestRembBps === 0
    if (lossFraction >= MAX_LOSS || (isQueued && isSure)) return this.#end('failed')
    this.#wasQueued = isQueued
    if (isQueued) return undefined
    const hold = this.#hold
    if (hold === undefined || nowMs - hold.sinceMs < PASSED_MS) return undefined
    if (hold.bps >= this.#neededBps) return this.#end('passed')
    this.#hold = { sinceMs: nowMs, bps: Math.min(hold.bps * QUICK_STEP, this.#neededBps) }
    return undefined
  }

  #end<Verdict>(verdict: Verdict): Verdict {
    this.#isOver = true
    return verdict
  }
}
