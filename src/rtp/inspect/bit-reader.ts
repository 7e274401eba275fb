/** Reads the bits of an H.264 unit (ITU-T H.264 sections 7.2 and 9.1). Beyond the end every bit is 0 and `isOverrun` is set. */
export class BitReader {
  readonly #bytes: Uint8Array
  #bit = 0
  isOverrun = false

  /** @param unit with its emulation prevention bytes. */
  constructor(unit: Uint8Array) {
    this.#bytes = withoutEmulationPrevention(unit)
  }

  bit(): number {
    const byte = this.#bytes[this.#bit >> 3]
    if (byte === undefined) {
      this.isOverrun = true
      return 0
    }
    return (byte >> (7 - (this.#bit++ & 7))) & 1
  }

  flag(): boolean {
    return this.bit() === 1
  }

  /** @param count at most 32. */
  bits(count: number): number {
    let value = 0
    for (let i = 0; i < count; i++) value = value * 2 + this.bit()
    return value
  }

  /** ue(v), at most 2^32 - 2. */
  unsigned(): number {
    let zeros = 0
    while (!this.isOverrun && zeros < 32 && this.bit() === 0) zeros++
    return 2 ** zeros - 1 + this.bits(zeros)
  }

  /** se(v) */
  signed(): number {
    const code = this.unsigned()
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2
  }
}

/** Section 7.4.1: the 3 in 00 00 03 is no data. */
function withoutEmulationPrevention(unit: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(unit.length)
  let length = 0
  let zeros = 0
  for (const byte of unit) {
    const isPrevention = zeros >= 2 && byte === 3
    zeros = byte === 0 ? zeros + 1 : 0
    if (!isPrevention) bytes[length++] = byte
  }
  return bytes.subarray(0, length)
}
