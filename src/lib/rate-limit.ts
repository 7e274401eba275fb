import { LruMap } from './lru-map.js'
import { networkOf } from './ip-network.js'

/** As many as a Pi remembers without noticing; whoever has more addresses than that is no longer told apart. */
const MOST_NETWORKS = 4096

/** What sums of fractions are off by. */
const ROUNDING_MS = 1e-6

export interface Rate {
  perSecond: number
  /** How many may come at once after a pause. */
  burst: number
}

export interface RateLimit {
  /** Takes turns, one unless told otherwise. @returns 0, or the milliseconds until there are as many. */
  readonly consume: (address: string, turns?: number) => number
}

/** A token bucket for one client. */
export class TokenBucket {
  #tokens: number
  #atMs: number

  constructor({ burst }: Rate, nowMs: number) {
    this.#tokens = burst
    this.#atMs = nowMs
  }

  /** Takes turns. @param nowMs monotonic. @returns 0, or the milliseconds until there are as many. */
  consume(turns: number, { perSecond, burst }: Rate, nowMs: number): number {
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#atMs) / 1000) * perSecond)
    this.#atMs = nowMs
    if (this.#tokens < turns) return Math.ceil(((turns - this.#tokens) / perSecond) * 1000 - ROUNDING_MS)
    this.#tokens -= turns
    return 0
  }
}

/**
 * A token bucket for each network.
 * @param rate asked every time, for it may be set anew. @param nowMs monotonic.
 */
export function createRateLimit(rate: () => Rate, nowMs: () => number = () => performance.now()): RateLimit {
  const buckets = new LruMap<TokenBucket>(MOST_NETWORKS)
  return {
    consume: (address, turns = 1) => {
      const network = networkOf(address)
      const bucket = buckets.get(network) ?? new TokenBucket(rate(), nowMs())
      buckets.set(network, bucket)
      return bucket.consume(turns, rate(), nowMs())
    },
  }
}
