import { alignedInterval } from '../../lib/aligned-interval.js'
import type { ViewerStatus } from '../stats/stats.js'

const INTERVAL_MS = 1000
/** Between two keyframes nothing may be left out for a moment: that is not the end of it. */
const LINGER_MS = 3000
/** Estimates move all the time; the page is told of those that a person would call another. */
const ESTIMATE_CHANGE = 0.1

/** What a viewer's status rests on. */
export interface StatusSource {
  readonly framesLeftOut: number
  readonly isLimited: boolean
  estimateBps(nowMs: number): number | undefined
}

/** Looks at a viewer once a second, and tells when its status is another than before. */
export class CongestionStatus implements Disposable {
  readonly #source: StatusSource
  readonly #timer: Disposable
  #framesLeftOut = 0
  #leftOutAtMs = -Infinity
  #lastReported: ViewerStatus = { congested: false, estimateBps: undefined }

  constructor(source: StatusSource, onStatus: (status: ViewerStatus) => void) {
    this.#source = source
    this.#timer = alignedInterval(INTERVAL_MS, () => {
      const status = this.status
      if (!differs(status, this.#lastReported)) return
      this.#lastReported = status
      onStatus(status)
    })
  }

  get status(): ViewerStatus {
    const nowMs = performance.now()
    const { framesLeftOut, isLimited } = this.#source
    if (framesLeftOut > this.#framesLeftOut && isLimited) this.#leftOutAtMs = nowMs
    this.#framesLeftOut = framesLeftOut
    return {
      congested: isLimited && nowMs - this.#leftOutAtMs < LINGER_MS,
      estimateBps: this.#source.estimateBps(nowMs),
    }
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]()
  }
}

function differs(now: ViewerStatus, before: ViewerStatus): boolean {
  if (now.congested !== before.congested) return true
  if (now.estimateBps === undefined || before.estimateBps === undefined)
    return now.estimateBps !== before.estimateBps
  return Math.abs(now.estimateBps - before.estimateBps) > before.estimateBps * ESTIMATE_CHANGE
}
