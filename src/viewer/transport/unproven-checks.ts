import { createRateLimit, type Rate } from '../../lib/rate-limit.js'

/** The anti-amplification limit of QUIC (RFC 9000 section 8.1). */
const BYTES_FOR_EACH_RECEIVED = 3
/** The response to a check uses the third part. */
const BYTES_FOR_EACH_CHECKED = 2
/** A browser with several interfaces has about eight usable candidates. */
const MAX_CANDIDATES = 12
/** One transaction: checks after 0, 50, 250, 1000 and 3000 ms. */
const MAX_CHECKS_EACH = 5
/** The mux allows 32 source addresses per viewer. */
const MAX_ADDRESSES = MAX_CANDIDATES + 32

/** A viewer with eight candidates needs 40 checks within a second, a page with five cameras 200. */
const FOR_EACH_NETWORK: Rate = { perSecond: 50, burst: 200 }
/** 500 checks of 96 bytes are 48 kB. */
const FOR_ALL: Rate = { perSecond: 200, burst: 500 }

interface UnprovenAddress {
  /** Sent because of a candidate. */
  checks: number
  /** Earned by authenticated checks from the address, whose source may be forged. */
  allowanceBytes: number
}

/** @returns false if the budget is used up. */
export type ConsumeCheck = () => boolean

/** A budget per client network and one for all: many sessions do not bypass the limit of one. */
export function checkBudget(
  nowMs: () => number = () => performance.now(),
): (address: string) => ConsumeCheck {
  const ofNetwork = createRateLimit(() => FOR_EACH_NETWORK, nowMs)
  const ofAll = createRateLimit(() => FOR_ALL, nowMs)
  return (address) => () => ofNetwork.consume(address) === 0 && ofAll.consume('all') === 0
}

/**
 * Limits one viewer's checks to addresses that have not answered, because an offer can name any host (RFC 8445 section 19.5.1). An
 * address that answered is proven and has no limit.
 */
export class UnprovenChecks {
  readonly #unproven = new Map<string, UnprovenAddress>()
  readonly #proven = new Set<string>()
  readonly #consumeCheck: ConsumeCheck
  #allowanceBytes = 0
  #candidates = 0

  constructor(consumeCheck: ConsumeCheck) {
    this.#consumeCheck = consumeCheck
  }

  /** Session descriptions and candidates of the client. */
  received(bytes: number): void {
    this.#allowanceBytes += BYTES_FOR_EACH_RECEIVED * bytes
  }

  /** An authenticated check. */
  heardFrom(address: string, bytes: number): void {
    if (this.#proven.has(address)) return
    const known = this.#unproven.get(address) ?? this.#add(address)
    if (known !== undefined) known.allowanceBytes += BYTES_FOR_EACH_CHECKED * bytes
  }

  /** A response came from the address of the check: only that host knows the transaction id. */
  prove(address: string): void {
    if (this.#proven.size >= MAX_ADDRESSES) return
    this.#unproven.delete(address)
    this.#proven.add(address)
  }

  consume(address: string, bytes: number): boolean {
    if (this.#proven.has(address)) return true
    const known = this.#unproven.get(address)
    if (known !== undefined && known.allowanceBytes >= bytes) {
      known.allowanceBytes -= bytes
      return true
    }
    const isNew = known === undefined || known.checks === 0
    if (isNew && this.#candidates >= MAX_CANDIDATES) return false
    if (bytes > this.#allowanceBytes || (known?.checks ?? 0) >= MAX_CHECKS_EACH) return false
    const target = known ?? this.#add(address)
    if (target === undefined || !this.#consumeCheck()) return false
    if (isNew) this.#candidates++
    target.checks++
    this.#allowanceBytes -= bytes
    return true
  }

  #add(address: string): UnprovenAddress | undefined {
    if (this.#unproven.size >= MAX_ADDRESSES) return undefined
    const added = { checks: 0, allowanceBytes: 0 }
    this.#unproven.set(address, added)
    return added
  }
}
