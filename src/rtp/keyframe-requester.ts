/** Between two keyframes that were asked for: each costs all viewers of the camera several frames' worth of their bandwidth. */
const MIN_INTERVAL_MS = 1000
/** A request that brought nothing for this long was lost, or its keyframe was. */
const UNANSWERED_MS = 500

/**
 * Asks a camera for keyframes on behalf of all its viewers. The first request goes out at once; one that comes too early is
 * not lost but goes out when the interval has passed, unless a keyframe came meanwhile.
 */
export class KeyframeRequester implements Disposable {
  readonly #ask: () => void
  readonly #now: () => number
  #askedAtMs = -Infinity
  #openSinceMs: number | undefined
  #timer: NodeJS.Timeout | undefined
  /** Requests that went out to the encoder. */
  requested = 0
  /** Keyframes that came after a request, the time from the first request to each, summed up, and the last of these times. */
  answers = 0
  answerSumMs = 0
  lastAnswerMs: number | undefined

  /** @param ask sends one request to the encoder. @param now monotonic milliseconds. */
  constructor(ask: () => void, now: () => number = () => performance.now()) {
    this.#ask = ask
    this.#now = now
  }

  request(): void {
    if (this.#timer !== undefined) return
    const intervalMs = this.#openSinceMs === undefined ? MIN_INTERVAL_MS : UNANSWERED_MS
    const waitMs = this.#askedAtMs + intervalMs - this.#now()
    if (waitMs <= 0) this.#send()
    else this.#timer = setTimeout(() => this.#send(), waitMs)
  }

  /** A keyframe started: whoever was waiting has it. */
  answered(): void {
    this.#cancel()
    if (this.#openSinceMs === undefined) return
    this.lastAnswerMs = this.#now() - this.#openSinceMs
    this.#openSinceMs = undefined
    this.answers++
    this.answerSumMs += this.lastAnswerMs
  }

  #send(): void {
    this.#cancel()
    this.#askedAtMs = this.#now()
    this.#openSinceMs ??= this.#askedAtMs
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
