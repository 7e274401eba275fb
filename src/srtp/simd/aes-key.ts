const BLOCK_BYTES = 16
const VECTOR_BYTES = 16
export const AES_ROUNDS = 10
/** Vector i of a state or round key has bit i of every byte of eight blocks. */
export const AES_BITS = 8
export const ROUND_KEY_BYTES = AES_BITS * VECTOR_BYTES
export const SLICED_KEY_BYTES = (AES_ROUNDS + 1) * ROUND_KEY_BYTES

/** FIPS 197 fills the state by columns. By rows, the rotations of MixColumns are those of 32-bit words. Its own inverse. */
export const BLOCKS_BY_ROWS = Array.from({ length: BLOCK_BYTES }, (_, i) => 4 * (i % 4) + (i >> 2))

/** FIPS 197 section 5.1.1, computed without a table, whose cache lines would depend on the key. */
function substituted(byte: number): number {
  let inverse = 1
  let power = byte
  for (let i = 0; i < 7; i++) inverse = multiply(inverse, (power = multiply(power, power))) // byte^254
  let result = 0x63
  for (let turn = 0; turn < 5; turn++) result ^= ((inverse << turn) | (inverse >> (8 - turn))) & 0xff
  return result
}

/** In GF(2^8), FIPS 197 section 4.2. */
function multiply(one: number, other: number): number {
  let product = 0
  for (let bit = 7; bit >= 0; bit--) {
    product = ((product << 1) ^ (-(product >> 7) & 0x11b)) & 0xff
    product ^= -((other >> bit) & 1) & one
  }
  return product
}

/** The round keys of AES-128 (FIPS 197 section 5.2), one after the other. */
function expandedKey(key: Buffer): Buffer {
  const words = Buffer.alloc((AES_ROUNDS + 1) * BLOCK_BYTES)
  key.copy(words)
  let constant = 1
  for (let at = BLOCK_BYTES; at < words.length; at++) {
    let before = words[at - 4]!
    if (at % BLOCK_BYTES < 4) {
      before = substituted(at % 4 === 3 ? words[at - 7]! : words[at - 3]!)
      if (at % BLOCK_BYTES === 0) {
        before ^= constant
        constant = multiply(constant, 2)
      }
    }
    words[at] = words[at - BLOCK_BYTES]! ^ before
  }
  return words
}

/** @returns a vector for each bit of each round key. All but the first have the constant of SubBytes, which MixColumns keeps. */
export function slicedKey(key: Buffer): Buffer {
  const expanded = expandedKey(key)
  const sliced = Buffer.alloc(SLICED_KEY_BYTES)
  for (let round = 0; round <= AES_ROUNDS; round++)
    for (const [i, from] of BLOCKS_BY_ROWS.entries()) {
      const byte = expanded[round * BLOCK_BYTES + from]! ^ (round === 0 ? 0 : 0x63)
      for (let bit = 0; bit < AES_BITS; bit++)
        sliced[round * ROUND_KEY_BYTES + bit * VECTOR_BYTES + i] = -((byte >> bit) & 1) & 0xff
    }
  return sliced
}
