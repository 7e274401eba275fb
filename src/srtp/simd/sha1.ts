import { get, i32, set, v128, type Code, type WasmFunction } from './assembler.js'

/** FIPS 180-4 section 5.3.1 */
export const SHA1_INITIAL = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]
export const SHA1_STATE_WORDS = SHA1_INITIAL.length
export const SHA1_BLOCK_WORDS = 16
const VECTOR_BYTES = 16
const ROUNDS = 80
const CONSTANTS = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6]

const rotated = (value: Code, bits: number): Code => [
  [value, i32.constant(bits), v128.shiftLeft32],
  [value, i32.constant(32 - bits), v128.shiftRight32],
  v128.or,
]

/** FIPS 180-4 section 4.1.1: Ch, Parity, Maj, Parity */
function mix(round: number, b: number, c: number, d: number): Code {
  if (round < 20) return [get(c), get(d), get(b), v128.select]
  if (round >= 40 && round < 60) return [get(d), get(b), [get(b), get(c), v128.xor], v128.select]
  return [get(b), get(c), v128.xor, get(d), v128.xor]
}

/**
 * SHA-1 compression (FIPS 180-4 section 6.1.2) of four messages, one per 32-bit lane.
 * @param blockAt address of 16 vectors, each with one word of every message. @param stateAt address of 5 vectors, updated.
 */
export function sha1Compression(blockAt: number, stateAt: number): WasmFunction {
  const word = (round: number): number => round % SHA1_BLOCK_WORDS
  const state = Array.from({ length: SHA1_STATE_WORDS }, (_, i) => SHA1_BLOCK_WORDS + i)
  const code: Code[] = []
  const load = (at: number, local: number, i: number): void =>
    void code.push(i32.constant(at + i * VECTOR_BYTES), v128.load(), set(local))
  for (let i = 0; i < SHA1_BLOCK_WORDS; i++) load(blockAt, i, i)
  for (const [i, local] of state.entries()) load(stateAt, local, i)

  for (let round = 0; round < ROUNDS; round++) {
    if (round >= SHA1_BLOCK_WORDS) {
      const [first, ...others] = [3, 8, 14, 16].map((back) => get(word(round - back)))
      const sum = [first!, others.map((other) => [other, v128.xor])]
      code.push(sum, set(word(round)), rotated(get(word(round)), 1), set(word(round)))
    }
    const [a, b, c, d, e] = state as [number, number, number, number, number]
    code.push(get(e), mix(round, b, c, d), v128.add32, v128.constant(CONSTANTS[Math.floor(round / 20)]!))
    code.push(v128.add32, get(word(round)), v128.add32, rotated(get(a), 5), v128.add32, set(e))
    code.push(rotated(get(b), 30), set(b))
    state.unshift(state.pop()!)
  }

  for (const [i, local] of state.entries()) {
    const at = i32.constant(stateAt + i * VECTOR_BYTES)
    code.push(at, at, v128.load(), get(local), v128.add32, v128.store())
  }
  return {
    parameters: 0,
    locals: new Array<'v128'>(SHA1_BLOCK_WORDS + SHA1_STATE_WORDS).fill('v128'),
    code,
  }
}
