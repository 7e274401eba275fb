const STEP_MS = 20
/** After a stall of the process the path is not flooded. */
const MAX_STEPS = 2

/** Sends packets that the receiver ignores, at a rate, to find out what a path carries. */
export class Prober implements Disposable {
  readonly #rateBps: (nowMs: number) => number
  readonly #send: (bytes: number) => void
  readonly #now: () => number
  #timer: NodeJS.Timeout | undefined
  #lastMs = 0

  /** @param rateBps of now; 0 ends it. @param send sends about so many bytes. */
  constructor(
    rateBps: (nowMs: number) => number,
    send: (bytes: number) => void,
    now: () => number = () => performance.now(),
  ) {
    this.#rateBps = rateBps
    this.#send = send
    this.#now = now
  }

  /** Does nothing while it runs. */
  start(): void {
    if (this.#timer !== undefined) return
    this.#lastMs = this.#now()
    this.#timer = setInterval(() => this.#step(), STEP_MS)
  }

  #step(): void {
    const nowMs = this.#now()
    const rateBps = this.#rateBps(nowMs)
    if (rateBps <= 0) return this[Symbol.dispose]()
    const elapsedMs = Math.min(nowMs - this.#lastMs, MAX_STEPS * STEP_MS)
    this.#lastMs = nowMs
    this.#send((rateBps * elapsedMs) / 8000)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
