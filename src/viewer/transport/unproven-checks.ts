import { createRateLimit, type Rate } from '../../lib/rate-limit.js'

/** The anti-amplification limit of QUIC (RFC 9000 section 8.1): bytes sent to unproven addresses for each byte received. */
const BYTES_FOR_EACH_RECEIVED = 3
/** The answer to an authenticated check is as long as the check; the checks that it triggers get the other two thirds. */
const BYTES_FOR_EACH_CHECKED = 2
/** A browser on a machine with several interfaces names about eight that can be used. */
const MAX_NAMED_ADDRESSES = 12
/** One transaction of werift: checks after 0, 50, 150, 350 and 750 ms. */
const MAX_CHECKS_EACH = 5
/** The mux admits 32 source addresses for each viewer. */
const MAX_ADDRESSES = MAX_NAMED_ADDRESSES + 32

/** A viewer with eight candidates takes 40 checks within a second, a page of five cameras takes 200. */
const FOR_EACH_NETWORK: Rate = { perSecond: 50, burst: 200 }
/** 500 checks of 96 bytes are 48 kB: no flood, whoever causes it. */
const FOR_ALL: Rate = { perSecond: 200, burst: 500 }

interface UnprovenAddress {
  /** Checks that were sent because the client named the address. */
  checks: number
  /** Bytes that may be sent because the address itself sent authenticated checks, whose source may still be forged. */
  allowanceBytes: number
}

/** Takes one check from a budget. @returns whether there was one left. */
export type ConsumeCheck = () => boolean

/**
 * The budget of all viewers together, and of each network: many sessions in a row are no way around the limit of one.
 * @param nowMs monotonic. @returns what takes from the budget of the network of a client's address.
 */
export function checkBudget(
  nowMs: () => number = () => performance.now(),
): (address: string) => ConsumeCheck {
  const ofNetwork = createRateLimit(() => FOR_EACH_NETWORK, nowMs)
  const ofAll = createRateLimit(() => FOR_ALL, nowMs)
  return (address) => () => ofNetwork.consume(address) === 0 && ofAll.consume('all') === 0
}

/**
 * How many connectivity checks one viewer's client makes us send to addresses that have not answered: whoever offers can name
 * any host (RFC 8445 section 19.5.1). An address that answered a check is proven, and has no limit.
 */
export class UnprovenChecks {
  readonly #unproven = new Map<string, UnprovenAddress>()
  readonly #proven = new Set<string>()
  readonly #takeCheck: ConsumeCheck
  #allowanceBytes = 0
  #namedAddresses = 0

  constructor(takeCheck: ConsumeCheck) {
    this.#takeCheck = takeCheck
  }

  /** Counts session descriptions and candidates that came from the client. */
  received(bytes: number): void {
    this.#allowanceBytes += BYTES_FOR_EACH_RECEIVED * bytes
  }

  /** Counts an authenticated check that came from an address. */
  heardFrom(address: string, bytes: number): void {
    if (this.#proven.has(address)) return
    const known = this.#unproven.get(address) ?? this.#add(address)
    if (known !== undefined) known.allowanceBytes += BYTES_FOR_EACH_CHECKED * bytes
  }

  /** A response to a check came from the address that the check was sent to: only that host can know its transaction id. */
  prove(address: string): void {
    if (this.#proven.size >= MAX_ADDRESSES) return
    this.#unproven.delete(address)
    this.#proven.add(address)
  }

  /** Takes a check to an address from the budget. @returns whether it may be sent. */
  consume(address: string, bytes: number): boolean {
    if (this.#proven.has(address)) return true
    const known = this.#unproven.get(address)
    if (known !== undefined && known.allowanceBytes >= bytes) {
      known.allowanceBytes -= bytes
      return true
    }
    const isNew = known === undefined || known.checks === 0
    if (isNew && this.#namedAddresses >= MAX_NAMED_ADDRESSES) return false
    if (bytes > this.#allowanceBytes || (known?.checks ?? 0) >= MAX_CHECKS_EACH) return false
    const named = known ?? this.#add(address)
    if (named === undefined || !this.#takeCheck()) return false
    if (isNew) this.#namedAddresses++
    named.checks++
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
