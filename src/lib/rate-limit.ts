import { LruMap } from './lru-map.js'
import { networkOf } from './ip-network.js'

/** Rounding errors of the sums. */
const ROUNDING_MS = 1e-6

export interface Rate {
  perSecond: number
  /** Tokens available at once after a pause. */
  burst: number
}

export interface RateLimit {
  /** @returns 0, or the milliseconds until enough tokens are available. */
  readonly consume: (address: string, tokens?: number) => number
}

export class TokenBucket {
  #tokens: number
  #atMs: number

  constructor({ burst }: Rate, nowMs: number) {
    this.#tokens = burst
    this.#atMs = nowMs
  }

  /** @param nowMs monotonic. @returns 0, or the milliseconds until enough tokens are available. */
  consume(tokens: number, { perSecond, burst }: Rate, nowMs: number): number {
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#atMs) / 1000) * perSecond)
    this.#atMs = nowMs
    if (this.#tokens < tokens) return Math.ceil(((tokens - this.#tokens) / perSecond) * 1000 - ROUNDING_MS)
    this.#tokens -= tokens
    return 0
  }
}

/**
 * One token bucket per network.
 * @param rate read on every call, because a reload may change it. @param nowMs monotonic.
 */
export function createRateLimit(rate: () => Rate, nowMs: () => number = () => performance.now()): RateLimit {
  const buckets = new LruMap<TokenBucket>()
  return {
    consume: (address, tokens = 1) => {
      const network = networkOf(address)
      const bucket = buckets.get(network) ?? new TokenBucket(rate(), nowMs())
      buckets.set(network, bucket)
      return bucket.consume(tokens, rate(), nowMs())
    },
  }
}
