/** Between two probes, in milliseconds. */
const PROBE_INTERVAL_MS = 100
/** What may wait on the way: half of what a viewer notices as delay, and more than the jitter of a mobile network. */
const MAX_QUEUE_MS = 250
/** Until the first probe has been answered. */
const USUAL_ROUND_TRIP_MS = 500

/**
 * How long packets of a TCP connection are on the way. The send buffer of the kernel grows to a megabyte, and Node.js can neither read
 * nor limit it; proxies and tunnels have buffers of their own. A probe arrives after everything that was sent before it.
 */
export class TcpBacklog {
  readonly #probe: () => Promise<unknown>
  /** When each probe without an answer was sent, the oldest first. */
  readonly #unanswered: number[] = []
  #probedAtMs = -Infinity
  #shortestMs: number | undefined

  /** @param probe resolves when its answer is here. */
  constructor(probe: () => Promise<unknown>) {
    this.#probe = probe
  }

  /** Called before packets are sent. */
  hasRoom(nowMs: number): boolean {
    const [oldestMs = nowMs] = this.#unanswered
    if (nowMs - oldestMs > (this.#shortestMs ?? USUAL_ROUND_TRIP_MS) + MAX_QUEUE_MS) return false
    if (nowMs - this.#probedAtMs >= PROBE_INTERVAL_MS) this.#send(nowMs)
    return true
  }

  #send(nowMs: number): void {
    this.#probedAtMs = nowMs
    this.#unanswered.push(nowMs)
    const forget = (): void => void this.#unanswered.splice(this.#unanswered.indexOf(nowMs), 1)
    this.#probe().then(() => {
      forget()
      this.#shortestMs = Math.min(this.#shortestMs ?? Infinity, performance.now() - nowMs)
    }, forget)
  }
}
