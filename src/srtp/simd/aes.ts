import { get, i32, loopWhile, set, v128, type Code, type WasmFunction } from './assembler.js'
import { AES_BITS as BITS, AES_ROUNDS, BLOCKS_BY_ROWS, ROUND_KEY_BYTES } from './aes-key.js'

const BLOCK_BYTES = 16
const VECTOR_BYTES = 16
/** Encrypted together. */
export const AES_BLOCKS = 8
/** ShiftRows (FIPS 197 section 5.1.2) of a state by rows. */
const SHIFTED_ROWS = Array.from({ length: 16 }, (_, i) => (i & ~3) + ((i + (i >> 2)) % 4))
const rotatedWords = (words: number): readonly number[] =>
  Array.from({ length: 16 }, (_, i) => (i + 4 * words) % 16)

/**
 * SubBytes without its constant, as gates: J. Boyar and R. Peralta, "A depth-16 circuit for the AES S-box" (2011), their names. `x0` is
 * the highest bit of the input, `s0` of the output.
 */
const SUB_BYTES = `
  y14=x3^x5 y13=x0^x6 y9=x0^x3 y8=x0^x5 t0=x1^x2 y1=t0^x7 y4=y1^x3 y12=y13^y14 y2=y1^x0 y5=y1^x6 y3=y5^y8 t1=x4^y12 y15=t1^x5
  y20=t1^x1 y6=y15^x7 y10=y15^t0 y11=y20^y9 y7=x7^y11 y17=y10^y11 y19=y10^y8 y16=t0^y11 y21=y13^y16 y18=x0^y16
  t2=y12&y15 t3=y3&y6 t4=t3^t2 t5=y4&x7 t6=t5^t2 t7=y13&y16 t8=y5&y1 t9=t8^t7 t10=y2&y7 t11=t10^t7 t12=y9&y11 t13=y14&y17
  t14=t13^t12 t15=y8&y10 t16=t15^t12 t17=t4^t14 t18=t6^t16 t19=t9^t14 t20=t11^t16 t21=t17^y20 t22=t18^y19 t23=t19^y21 t24=t20^y18
  t25=t21^t22 t26=t21&t23 t27=t24^t26 t28=t25&t27 t29=t28^t22 t30=t23^t24 t31=t22^t26 t32=t31&t30 t33=t32^t24 t34=t23^t33
  t35=t27^t33 t36=t24&t35 t37=t36^t34 t38=t27^t36 t39=t29&t38 t40=t25^t39 t41=t40^t37 t42=t29^t33 t43=t29^t40 t44=t33^t37 t45=t42^t41
  z0=t44&y15 z1=t37&y6 z2=t33&x7 z3=t43&y16 z4=t40&y1 z5=t29&y7 z6=t42&y11 z7=t45&y17 z8=t41&y10 z9=t44&y12 z10=t37&y3 z11=t33&y4
  z12=t43&y13 z13=t40&y5 z14=t29&y2 z15=t42&y9 z16=t45&y14 z17=t41&y8
  t46=z15^z16 t47=z10^z11 t48=z5^z13 t49=z9^z10 t50=z2^z12 t51=z2^z5 t52=z7^z8 t53=z0^z3 t54=z6^z7 t55=z16^z17 t56=z12^t48
  t57=t50^t53 t58=z4^t46 t59=z3^t54 t60=t46^t57 t61=z14^t57 t62=t52^t58 t63=t49^t58 t64=z4^t59 t65=t61^t62 t66=z1^t63
  s0=t59^t63 s6=t56^t62 s7=t48^t60 t67=t64^t65 s3=t53^t66 s4=t51^t66 s5=t47^t65 s1=t64^s3 s2=t55^t67`
  .trim()
  .split(/\s+/)
  .map((step) => /^(\w+)=(\w+)([&^])(\w+)$/.exec(step)!.slice(1) as [string, string, '&' | '^', string])

/** Locals of aes(). */
const [AT, KEY_AT, BLOCKS, ROUND_KEY] = [0, 1, 2, 3]
const STATE = 4
const ROTATED = STATE + BITS
const GATES = ROTATED + BITS

const wires = [...new Set(SUB_BYTES.map(([to]) => to))]
const localOf = (wire: string): number =>
  wire.startsWith('x') ? STATE + 7 - Number(wire.slice(1)) : GATES + wires.indexOf(wire)
const LAST_LOCAL = GATES + wires.length

const bits = Array.from({ length: BITS }, (_, bit) => bit)
const xored = (one: Code, other: Code): Code => [one, other, v128.xor]

const subBytes = (): Code =>
  SUB_BYTES.map(([to, one, how, other]) => [
    get(localOf(one)),
    get(localOf(other)),
    how === '&' ? v128.and : v128.xor,
    set(localOf(to)),
  ])

/** From the outputs of the S-box to the state. */
const shiftRows = (): Code =>
  bits.map((bit) => [
    get(localOf(`s${7 - bit}`)),
    v128.constantBytes(SHIFTED_ROWS),
    v128.swizzle,
    set(STATE + bit),
  ])

const rotated = (local: number, words: number): Code => [
  get(local),
  get(local),
  v128.shuffle(rotatedWords(words)),
]

const roundKey = (bit: number): Code => [get(ROUND_KEY), v128.load(bit * VECTOR_BYTES)]

/** FIPS 197 section 5.1.3, with the round key: 2(a + b) + b + c + d, where b, c and d are the rows below a. */
function mixColumnsAndAddKey(): Code {
  const sum = (bit: number): number => GATES + bit
  const doubled = (bit: number): Code => {
    const below = get(sum((bit + 7) % 8))
    return [1, 3, 4].includes(bit) ? xored(below, get(sum(7))) : below // x^8 = x^4 + x^3 + x + 1
  }
  return [
    bits.map((bit) => [
      [rotated(STATE + bit, 1), set(ROTATED + bit)],
      [xored(get(STATE + bit), get(ROTATED + bit)), set(sum(bit))],
    ]),
    bits.map((bit) => [
      xored(xored(doubled(bit), get(ROTATED + bit)), xored(rotated(sum(bit), 2), roundKey(bit))),
      set(STATE + bit),
    ]),
  ]
}

const addKey = (): Code => bits.map((bit) => [xored(get(STATE + bit), roundKey(bit)), set(STATE + bit)])

/** Exchanges bit i of vector j with bit j of vector i. */
const transposeBits = (): Code =>
  [
    { distance: 1, mask: 0x55555555 },
    { distance: 2, mask: 0x33333333 },
    { distance: 4, mask: 0x0f0f0f0f },
  ].map(({ distance, mask }) =>
    bits
      .filter((bit) => (bit & distance) === 0)
      .map((bit) => {
        const [one, other, different] = [STATE + bit, STATE + bit + distance, GATES]
        return [
          [[get(one), i32.constant(distance), v128.shiftRight32], get(other), v128.xor],
          [v128.constant(mask), v128.and, set(different)],
          [xored(get(other), get(different)), set(other)],
          [xored(get(one), [get(different), i32.constant(distance), v128.shiftLeft32]), set(one)],
        ]
      }),
  )

const reordered = (value: Code): Code => [value, v128.constantBytes(BLOCKS_BY_ROWS), v128.swizzle]
const nextRoundKey: Code = [get(ROUND_KEY), i32.constant(ROUND_KEY_BYTES), i32.add, set(ROUND_KEY)]

/**
 * AES-128 (FIPS 197) of blocks in place, eight at a time, in a time that does not depend on key and data: bit-sliced as in E. Käsper and P.
 * Schwabe, "Faster and Timing-Attack Resistant AES-GCM" (2009). Parameters: address, address of the sliced key, blocks (a multiple of 8).
 */
export function aes(): WasmFunction {
  return {
    parameters: 3,
    locals: ['i32', ...new Array<'v128'>(LAST_LOCAL - STATE).fill('v128')],
    code: loopWhile(
      bits.map((bit) => [reordered([get(AT), v128.load(bit * BLOCK_BYTES)]), set(STATE + bit)]),
      [transposeBits(), get(KEY_AT), set(ROUND_KEY), addKey()],
      loopWhile(
        [nextRoundKey, subBytes(), shiftRows(), mixColumnsAndAddKey()],
        [get(ROUND_KEY), get(KEY_AT), i32.constant((AES_ROUNDS - 1) * ROUND_KEY_BYTES), i32.add, i32.isLess],
      ),
      [nextRoundKey, subBytes(), shiftRows(), addKey(), transposeBits()],
      bits.map((bit) => [get(AT), reordered(get(STATE + bit)), v128.store(bit * BLOCK_BYTES)]),
      [get(AT), i32.constant(AES_BLOCKS * BLOCK_BYTES), i32.add, set(AT)],
      [get(BLOCKS), i32.constant(-AES_BLOCKS), i32.add, set(BLOCKS)],
      get(BLOCKS),
    ),
  }
}
