import type { Limits } from '../../config/limits.js'
import { createByteBudget, type ByteBudget } from '../../lib/byte-budget.js'
import { createNetworkCount, type NetworkCount } from '../../lib/network-count.js'
import { createRateLimit, type RateLimit } from '../../lib/rate-limit.js'

/** After a pause an address may send as much at once as it may send in this many seconds. */
const BURST_SECONDS = 4

/** What WebSockets and request bodies share, on all ports together. */
export interface MessageLimits {
  /** WebSockets that are open. */
  readonly websockets: NetworkCount
  /** Bytes of messages and bodies that are not complete. */
  readonly unfinished: ByteBudget
  /** Bytes of messages and bodies that are to be parsed. */
  readonly rate: RateLimit
}

/** @param limits asked whenever they are needed, for they may be set anew. */
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
