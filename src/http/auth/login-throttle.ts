import { LruMap } from '../../lib/lru-map.js'
import { networkOf } from '../../lib/ip-network.js'

/** As often as anybody mistypes a password. */
const FREE_ATTEMPTS = 5
const LONGEST_WAIT_MS = 60_000
const FORGOTTEN_AFTER_MS = 15 * 60_000
const MOST_NETWORKS = 4096

interface ThrottledClient {
  failures: number
  lastMs: number
  /** What was last found to be wrong: a client that repeats it learns nothing and is no guesser. */
  lastWrong: string | undefined
}

/**
 * Slows down whoever guesses passwords: five guesses are free, then each one costs twice the wait of the one before, up
 * to a minute. Each network waits for itself, so nobody can keep another network out; memory is bounded.
 */
export class LoginThrottle {
  readonly #clients = new LruMap<ThrottledClient>(MOST_NETWORKS)
  readonly #nowMs: () => number

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** Milliseconds until this address may guess again; 0 where it may now. */
  waitMs(address: string): number {
    const guesser = this.#known(networkOf(address))
    if (guesser === undefined || guesser.failures < FREE_ATTEMPTS) return 0
    const waitMs = Math.min(LONGEST_WAIT_MS, 1000 * 2 ** (guesser.failures - FREE_ATTEMPTS))
    return Math.max(0, guesser.lastMs + waitMs - this.#nowMs())
  }

  /** Counts a guess before it is looked at: many at once must not all be free. */
  begin(address: string): void {
    const network = networkOf(address)
    const { failures: guesses = 0, lastWrong } = this.#known(network) ?? {}
    this.#clients.set(network, { failures: guesses + 1, lastMs: this.#nowMs(), lastWrong })
  }

  /** It was right: it was no guess. Those before it stay counted, for a token must not buy guesses at the password. */
  forgive(address: string): void {
    const network = networkOf(address)
    const guesser = this.#known(network)
    if (guesser === undefined) return
    guesser.failures--
    if (guesser.failures <= 0) this.#clients.delete(network)
  }

  /** It was wrong. @param digest what stands for the guess, and cannot be turned back into it. */
  wrong(address: string, digest: string): void {
    const guesser = this.#known(networkOf(address))
    if (guesser !== undefined) guesser.lastWrong = digest
  }

  /** Whether this address said the same before, and was told that it is wrong. */
  repeats(address: string, digest: string): boolean {
    return this.#known(networkOf(address))?.lastWrong === digest
  }

  /** How many networks are remembered. */
  get size(): number {
    return this.#clients.size
  }

  #known(network: string): ThrottledClient | undefined {
    const guesser = this.#clients.get(network)
    if (guesser === undefined || this.#nowMs() - guesser.lastMs < FORGOTTEN_AFTER_MS) return guesser
    this.#clients.delete(network)
    return undefined
  }
}
