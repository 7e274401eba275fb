/** Each keyframe costs every viewer the bandwidth of several frames. */
const MIN_INTERVAL_MS = 1000
const UNANSWERED_MS = 500

/**
 * Merges the keyframe requests of a camera's viewers into one per second, or one per 500 ms while no keyframe has arrived. The first
 * is sent at once; one within the interval is sent at its end, unless a keyframe arrives before.
 */
export class KeyframeRequester implements Disposable {
  readonly #sendRequest: () => void
  readonly #now: () => number
  #sentAtMs = -Infinity
  #pendingSinceMs: number | undefined
  #timer: NodeJS.Timeout | undefined
  #isClosed = false
  requested = 0
  /** Keyframes that followed a request, and the time from the first request to each. */
  answers = 0
  answerSumMs = 0
  lastAnswerMs: number | undefined

  constructor(sendRequest: () => void, now: () => number = () => performance.now()) {
    this.#sendRequest = sendRequest
    this.#now = now
  }

  request(): void {
    if (this.#timer !== undefined || this.#isClosed) return
    const intervalMs = this.#pendingSinceMs === undefined ? MIN_INTERVAL_MS : UNANSWERED_MS
    const waitMs = this.#sentAtMs + intervalMs - this.#now()
    if (waitMs <= 0) this.#send()
    else this.#timer = setTimeout(() => this.#send(), waitMs)
  }

  answered(): void {
    this.#cancel()
    if (this.#pendingSinceMs === undefined) return
    this.lastAnswerMs = this.#now() - this.#pendingSinceMs
    this.#pendingSinceMs = undefined
    this.answers++
    this.answerSumMs += this.lastAnswerMs
  }

  #send(): void {
    this.#cancel()
    this.#sentAtMs = this.#now()
    this.#pendingSinceMs ??= this.#sentAtMs
    this.requested++
    this.#sendRequest()
  }

  #cancel(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  [Symbol.dispose](): void {
    this.#isClosed = true
    this.#cancel()
  }
}
