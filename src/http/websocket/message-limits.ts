import type { Limits } from '../../config/limits.js'
import { createByteBudget, type ByteBudget } from '../../lib/byte-budget.js'
import { createNetworkCount, type NetworkCount } from '../../lib/network-count.js'
import { createRateLimit, type RateLimit } from '../../lib/rate-limit.js'

/** After a pause an address may send the amount of this many seconds at once. */
const BURST_SECONDS = 4

/** Limits that WebSockets and request bodies of all ports share. */
export interface MessageLimits {
  /** Open WebSockets. */
  readonly websockets: NetworkCount
  /** Bytes of incomplete messages and bodies. */
  readonly unfinished: ByteBudget
  /** Bytes to parse. */
  readonly rate: RateLimit
}

/** @param limits read on every use, because a reload may change them. */
export const createMessageLimits = (limits: () => Limits): MessageLimits => ({
  websockets: createNetworkCount(() => ({ all: Infinity, perNetwork: limits().maxWebsocketsPerAddress })),
  unfinished: createByteBudget(() => ({
    all: limits().maxUnfinishedBytes,
    perNetwork: limits().maxUnfinishedBytesPerAddress,
  })),
  rate: createRateLimit(() => {
    const { messageBytesPerSecondPerAddress: perSecond, maxMessageBytes, maxBodyBytes } = limits()
    return { perSecond, burst: Math.max(BURST_SECONDS * perSecond, maxMessageBytes, maxBodyBytes) }
  }),
})
