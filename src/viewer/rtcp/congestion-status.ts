import { alignedInterval } from '../../lib/aligned-interval.js'
import type { ViewerStatus } from '../stats/stats.js'

const INTERVAL_MS = 1000
/** Shortly after a keyframe no frame may be dropped, although the path is still congested. */
const LINGER_MS = 3000
/** Smaller changes are not reported. */
const ESTIMATE_CHANGE = 0.1

export interface StatusSource {
  readonly framesDropped: number
  readonly isLimited: boolean
  readonly isStalled: boolean
  /** Undefined while the camera has one size. */
  readonly size: ViewerStatus['size']
  availableBitrateBps(nowMs: number): number | undefined
}

/** Samples a viewer once a second and reports changes of its status. */
export class CongestionStatus implements Disposable {
  readonly #source: StatusSource
  readonly #timer: Disposable
  #framesDropped = 0
  #droppedAtMs = -Infinity
  #lastReported: ViewerStatus = { congested: false, availableBitrateBps: undefined, size: undefined }

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
    const { framesDropped, isLimited, isStalled } = this.#source
    if ((framesDropped > this.#framesDropped && isLimited) || isStalled) this.#droppedAtMs = nowMs
    this.#framesDropped = framesDropped
    return {
      congested: isLimited && nowMs - this.#droppedAtMs < LINGER_MS,
      availableBitrateBps: this.#source.availableBitrateBps(nowMs),
      size: this.#source.size,
    }
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]()
  }
}

function differs(now: ViewerStatus, before: ViewerStatus): boolean {
  if (now.congested !== before.congested || now.size !== before.size) return true
  if (now.availableBitrateBps === undefined || before.availableBitrateBps === undefined)
    return now.availableBitrateBps !== before.availableBitrateBps
  return (
    Math.abs(now.availableBitrateBps - before.availableBitrateBps) >
    before.availableBitrateBps * ESTIMATE_CHANGE
  )
}
