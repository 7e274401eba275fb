const SINGLE_LAST = 23
const STAP_A = 24
const FU_A = 28
const FIRST_FRAGMENT = 0x80
const LAST_FRAGMENT = 0x40

/** More than any keyframe of a camera. */
export const MAX_ACCESS_UNIT_BYTES = 4 * 1024 * 1024
/** A slice per macroblock row of 4K, several times over. Aggregates of tiny units would otherwise become long lists. */
const MAX_UNITS = 1024

/** The units of one access unit, from its RTP payloads (RFC 6184 sections 5.6 to 5.8). */
export class UnitReader {
  /** Whole units with their one-byte header. */
  units: Buffer[] = []
  #fragments: Buffer[] | undefined
  #bytes = 0

  /** @returns false for a payload that is damaged, has no start, or makes the access unit too large. */
  push(payload: Buffer): boolean {
    this.#bytes += payload.length
    if (this.#bytes > MAX_ACCESS_UNIT_BYTES || payload.length < 2) return false
    const type = payload[0]! & 0x1f
    if (type === FU_A) return this.#fragment(payload)
    if (this.#fragments !== undefined) return false // the last fragment is missing
    if (type === STAP_A) return this.#aggregate(payload)
    return type > 0 && type <= SINGLE_LAST && this.#add(payload)
  }

  /** @returns whether every unit is complete. */
  get isComplete(): boolean {
    return this.#fragments === undefined
  }

  #add(unit: Buffer): boolean {
    this.units.push(unit)
    return this.units.length <= MAX_UNITS
  }

  #aggregate(payload: Buffer): boolean {
    for (let at = 1; at < payload.length;) {
      const size = at + 2 <= payload.length ? payload.readUInt16BE(at) : 0
      const end = at + 2 + size
      if (size === 0 || end > payload.length) return false
      if (!this.#add(payload.subarray(at + 2, end))) return false
      at = end
    }
    return true
  }

  #fragment(payload: Buffer): boolean {
    const header = payload[1]!
    if ((header & FIRST_FRAGMENT) !== 0) {
      if (this.#fragments !== undefined) return false
      this.#fragments = [Buffer.of((payload[0]! & 0xe0) | (header & 0x1f))]
    }
    if (this.#fragments === undefined) return false
    this.#fragments.push(payload.subarray(2))
    if ((header & LAST_FRAGMENT) === 0) return true
    const unit = Buffer.concat(this.#fragments)
    this.#fragments = undefined
    return this.#add(unit)
  }
}
