/** Between two requests to one encoder: many viewers who join at once share a keyframe instead of making a storm of them. */
const MIN_INTERVAL_MS = 500

/**
 * Asks a camera for keyframes on behalf of all its viewers. The first request goes out at once; one that comes too early is
 * not lost but goes out when the interval has passed, unless a keyframe came meanwhile.
 */
export class KeyframeRequester implements Disposable {
  readonly #ask: () => void
  readonly #now: () => number
  #askedAtMs = -Infinity
  #timer: NodeJS.Timeout | undefined
  requested = 0

  /** @param ask sends one request to the encoder. @param now monotonic milliseconds. */
  constructor(ask: () => void, now: () => number = () => performance.now()) {
    this.#ask = ask
    this.#now = now
  }

  request(): void {
    if (this.#timer !== undefined) return
    const waitMs = this.#askedAtMs + MIN_INTERVAL_MS - this.#now()
    if (waitMs <= 0) this.#send()
    else this.#timer = setTimeout(() => this.#send(), waitMs)
  }

  /** A keyframe started: whoever was waiting has it. */
  answered(): void {
    this.#cancel()
  }

  #send(): void {
    this.#cancel()
    this.#askedAtMs = this.#now()
    this.requested++
    this.#ask()
  }

  #cancel(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  [Symbol.dispose](): void {
    this.#cancel()
  }
}
