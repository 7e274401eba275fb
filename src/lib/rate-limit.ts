import { networkOf } from './network-of.js'

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
  /** Takes one turn. @returns 0, or the milliseconds until there is one. */
  readonly take: (address: string) => number
}

/**
 * A token bucket for each network.
 * @param rate asked every time, for it may be set anew. @param nowMs monotonic.
 */
export function createRateLimit(rate: () => Rate, nowMs: () => number = () => performance.now()): RateLimit {
  const buckets = new Map<string, { tokens: number; atMs: number }>()
  return {
    take: (address) => {
      const { perSecond, burst } = rate()
      const now = nowMs()
      const network = networkOf(address)
      const bucket = buckets.get(network) ?? { tokens: burst, atMs: now }
      bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.atMs) / 1000) * perSecond)
      bucket.atMs = now
      buckets.delete(network) // to the end: the longest untouched is the first to be forgotten
      buckets.set(network, bucket)
      if (buckets.size > MOST_NETWORKS) buckets.delete(buckets.keys().next().value!)
      if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) / perSecond) * 1000 - ROUNDING_MS)
      bucket.tokens--
      return 0
    },
  }
}
