import type { LocalSocket } from './udp-socket.js'

const MAX_ADDRESSES_PER_OWNER = 32
/** Browsers repeat their checks every 2 to 6 seconds (RFC 7675 section 5.1), and a check may get lost. */
const OWNED_MS = 15_000

interface OwnedAddress<Owner> {
  owner: Owner
  provenAtMs: number
  /** The socket on which its last datagram arrived. */
  via: LocalSocket | undefined
}

/**
 * Maps source addresses to the ICE agents that proved them with an authenticated check. An address in use cannot be claimed by
 * another agent.
 */
export class AddressOwners<Owner extends object> {
  readonly #owners = new Map<string, OwnedAddress<Owner>>()
  readonly #addresses = new Map<Owner, Set<string>>()

  of(address: string): OwnedAddress<Owner> | undefined {
    return this.#owners.get(address)
  }

  /** @returns false if another owner uses the address, or this one has too many. */
  claim(address: string, owner: Owner, nowMs: number, via?: LocalSocket): boolean {
    const current = this.#owners.get(address)
    if (current?.owner === owner) {
      current.provenAtMs = nowMs
      current.via = via
      return true
    }
    if (current !== undefined && nowMs - current.provenAtMs < OWNED_MS) return false
    const addresses = this.#addresses.get(owner) ?? new Set()
    if (addresses.size >= MAX_ADDRESSES_PER_OWNER) return false
    if (current !== undefined) this.#addresses.get(current.owner)?.delete(address)
    this.#addresses.set(owner, addresses.add(address))
    this.#owners.set(address, { owner, provenAtMs: nowMs, via })
    return true
  }

  release(owner: Owner): void {
    for (const address of this.#addresses.get(owner) ?? []) this.#owners.delete(address)
    this.#addresses.delete(owner)
  }

  get size(): number {
    return this.#owners.size
  }
}
