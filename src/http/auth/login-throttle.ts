import { LruMap } from '../../lib/lru-map.js'
import { networkOf } from '../../lib/ip-network.js'

const FREE_ATTEMPTS = 5
const LONGEST_WAIT_MS = 60_000
const FORGOTTEN_AFTER_MS = 15 * 60_000

interface ThrottledClient {
  failures: number
  lastMs: number
  /** Digest of the last wrong credentials. Repeating them reveals nothing, so a repetition is not an attempt. */
  lastWrong: string | undefined
}

/**
 * Brute-force protection: five attempts are free, then the wait doubles with each attempt, up to a minute. Lockouts are per network,
 * so no client can lock out another network.
 */
export class LoginThrottle {
  readonly #clients = new LruMap<ThrottledClient>()
  readonly #nowMs: () => number

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** Milliseconds until this address may try again; 0 if it may now. */
  waitMs(address: string): number {
    const client = this.#find(networkOf(address))
    if (client === undefined || client.failures < FREE_ATTEMPTS) return 0
    const waitMs = Math.min(LONGEST_WAIT_MS, 1000 * 2 ** (client.failures - FREE_ATTEMPTS))
    return Math.max(0, client.lastMs + waitMs - this.#nowMs())
  }

  /** Counts an attempt before it is verified, so that parallel attempts are not all free. */
  begin(address: string): void {
    const network = networkOf(address)
    const { failures = 0, lastWrong } = this.#find(network) ?? {}
    this.#clients.set(network, { failures: failures + 1, lastMs: this.#nowMs(), lastWrong })
  }

  /** Uncounts an attempt that was correct. Earlier failures still count: the token must not buy attempts at the password. */
  forgive(address: string): void {
    const network = networkOf(address)
    const client = this.#find(network)
    if (client === undefined) return
    client.failures--
    if (client.failures <= 0) this.#clients.delete(network)
  }

  /** Notes that an attempt was wrong. @param digest of the credentials, not reversible. */
  wrong(address: string, digest: string): void {
    const client = this.#find(networkOf(address))
    if (client !== undefined) client.lastWrong = digest
  }

  /** Whether these are the last credentials of this address, which were wrong. */
  repeats(address: string, digest: string): boolean {
    return this.#find(networkOf(address))?.lastWrong === digest
  }

  /** The number of networks in memory. */
  get size(): number {
    return this.#clients.size
  }

  #find(network: string): ThrottledClient | undefined {
    const client = this.#clients.get(network)
    if (client === undefined || this.#nowMs() - client.lastMs < FORGOTTEN_AFTER_MS) return client
    this.#clients.delete(network)
    return undefined
  }
}
