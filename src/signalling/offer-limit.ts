import { tooManyOffers } from '../errors.js'
import { createRateLimit } from '../lib/rate-limit.js'

export interface OfferLimits {
  readonly offersPerSecond: number
  readonly offerBurst: number
}

/**
 * Counts offers by client address.
 * @param limits read for every offer.
 * @returns what throws AppError `too-many-offers` for each offer above the limit.
 */
export function createOfferLimit(limits: () => OfferLimits): (address: string) => void {
  const offers = createRateLimit(() => ({ perSecond: limits().offersPerSecond, burst: limits().offerBurst }))
  return (address) => {
    const waitMs = offers.consume(address)
    if (waitMs > 0) throw tooManyOffers(waitMs)
  }
}
