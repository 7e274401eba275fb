import { aes } from './aes.js'
import {
  BLOCK_AT,
  BLOCK_BYTES,
  INNER_AT,
  OUTER_AT,
  PAGES,
  ROC_BYTES,
  STATE_AT,
  VECTOR_BYTES,
} from './memory-layout.js'
import { sha1Compression, SHA1_STATE_WORDS } from './sha1.js'
import {
  assembleWasm,
  call,
  get,
  i32,
  isValidWasm,
  loopWhile,
  set,
  v128,
  wasmCompiler,
  type Code,
  type WasmFunction,
} from './assembler.js'

const SHA1_BYTES = 20
const MESSAGE_END = 0x80
/** Locals of loadWords(). */
const VECTORS = 9

const interleave = (from: readonly number[], bytes: number): Code =>
  v128.shuffle(from.flatMap((unit) => Array.from({ length: bytes }, (_, i) => unit * bytes + i)))
const LOW_WORDS = interleave([0, 4, 1, 5], 4)
const HIGH_WORDS = interleave([2, 6, 3, 7], 4)
const LOW_HALVES = interleave([0, 2], 8)
const HIGH_HALVES = interleave([1, 3], 8)
/** Between network order and little-endian. */
const SWAP_WORDS = v128.shuffle([3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12])

/** RFC 3711 section 4.1.1: the IV, with the block number in its last two bytes. */
function counters(): WasmFunction {
  const [to, iv, blocks, block, vector] = [0, 1, 5, 6, 7]
  const swapped = [
    [get(block), i32.constant(8), i32.shiftLeft],
    [get(block), i32.constant(8), i32.shiftRight],
    i32.or,
  ]
  return {
    parameters: 6,
    locals: ['i32', 'v128'],
    code: [
      [
        get(iv),
        v128.splat32,
        [1, 2, 3].map((word) => [get(iv + word), v128.replaceLane32(word)]),
        set(vector),
      ],
      loopWhile(
        [get(to), [get(vector), swapped, v128.replaceLane16(7)], v128.store()],
        [get(to), i32.constant(VECTOR_BYTES), i32.add, set(to)],
        [get(block), i32.constant(1), i32.add, set(block)],
        [get(block), get(blocks), i32.isLess],
      ),
    ],
  }
}

/** In whole vectors, at least one. */
function xor(): WasmFunction {
  const [to, from, end] = [0, 1, 2]
  const next = (local: number): Code => [get(local), i32.constant(VECTOR_BYTES), i32.add, set(local)]
  return {
    parameters: 3,
    locals: [],
    code: loopWhile(
      [get(to), [get(to), v128.load(), get(from), v128.load(), v128.xor], v128.store()],
      [next(to), next(from)],
      [get(to), get(end), i32.isLess],
    ),
  }
}

const copyState = (from: number): Code =>
  Array.from({ length: SHA1_STATE_WORDS }, (_, i) => i * VECTOR_BYTES).map((offset) => [
    [i32.constant(STATE_AT + offset), [i32.constant(from + offset), v128.load()], v128.store()],
  ])

/** Transposes the next four words of four messages: consecutive words of one message into one lane. */
function loadWords(position: number, first: number, vectors: number): Code {
  const [row0, row1, row2, row3, low01, high01, low23, high23, column] = Array.from(
    { length: VECTORS },
    (_, i) => vectors + i,
  ) as [number, number, number, number, number, number, number, number, number]
  const merge = (x: number, y: number, how: Code): Code => [get(x), get(y), how]
  const store = (word: number, merged: Code): Code => [
    [merged, set(column)],
    [i32.constant(BLOCK_AT + word * VECTOR_BYTES), [get(column), get(column), SWAP_WORDS], v128.store()],
  ]
  return [
    [row0, row1, row2, row3].map((row, lane) => [
      [get(lane), get(position), i32.add],
      [v128.load(first * 4), set(row)],
    ]),
    [merge(row0, row1, LOW_WORDS), set(low01), merge(row0, row1, HIGH_WORDS), set(high01)],
    [merge(row2, row3, LOW_WORDS), set(low23), merge(row2, row3, HIGH_WORDS), set(high23)],
    store(first, merge(low01, low23, LOW_HALVES)),
    store(first + 1, merge(low01, low23, HIGH_HALVES)),
    store(first + 2, merge(high01, high23, LOW_HALVES)),
    store(first + 3, merge(high01, high23, HIGH_HALVES)),
  ]
}

/** FIPS 180-4 section 5.1.1: end marker, zeros, length in bits. */
function pad(lane: number, bytes: number, blockBytes: number, bits: number, end: number): Code {
  return [
    [get(lane), get(bytes), i32.add, set(end)],
    [get(end), i32.constant(MESSAGE_END), i32.store8()],
    [0, 1, 2, 3, 4].map((i) => [get(end), v128.constant(0), v128.store(1 + i * VECTOR_BYTES)]),
    [[get(lane), get(blockBytes), i32.add, i32.constant(-4), i32.add], get(bits), i32.store()],
  ]
}

/** HMAC-SHA1 of one packet per lane; the first 80 bits replace the rollover counter (RFC 3711 section 4.2.1). */
function authenticate(compress: number): WasmFunction {
  const lanes = [0, 1, 2, 3]
  const [bytes, blockBytes, bits, position, end, vectors] = [4, 5, 6, 7, 8, 9]
  const tagWord = vectors
  const digest = (word: number): Code => [i32.constant(STATE_AT + word * VECTOR_BYTES), v128.load()]
  const behindDigest = [0x80000000, 0, 0, 0, 0, 0, 0, 0, 0, 0, (BLOCK_BYTES + SHA1_BYTES) * 8]
  const outerBlock = [[0, 1, 2, 3, 4].map(digest), behindDigest.map(v128.constant)]
    .flat()
    .map((value, word) => [i32.constant(BLOCK_AT + word * VECTOR_BYTES), value, v128.store()])
  const tag = [0, 1, 2].map((word) => [
    [digest(word), set(tagWord), get(tagWord), get(tagWord), SWAP_WORDS, set(tagWord)],
    lanes.map((lane) => [
      [get(lane), get(bytes), i32.add, i32.constant(word * 4 - ROC_BYTES), i32.add],
      [get(tagWord), word < 2 ? v128.storeLane32(lane) : v128.storeLane16(lane * 2)],
    ]),
  ])
  return {
    parameters: 7,
    locals: ['i32', 'i32', ...new Array<'v128'>(VECTORS).fill('v128')],
    code: [
      lanes.map((lane) => pad(lane, bytes, blockBytes, bits, end)),
      copyState(INNER_AT),
      loopWhile(
        [0, 4, 8, 12].map((first) => loadWords(position, first, vectors)),
        call(compress),
        [get(position), i32.constant(BLOCK_BYTES), i32.add, set(position)],
        [get(position), get(blockBytes), i32.isLess],
      ),
      [outerBlock, copyState(OUTER_AT), call(compress)],
      tag,
    ],
  }
}

export interface SimdExports {
  memory: { buffer: ArrayBuffer }
  compress: () => void
  counters: (to: number, iv0: number, iv1: number, iv2: number, iv3: number, blocks: number) => void
  xor: (to: number, from: number, end: number) => void
  authenticate: (
    lane0: number,
    lane1: number,
    lane2: number,
    lane3: number,
    bytes: number,
    blockBytes: number,
    bitsSwapped: number,
  ) => void
  aes: (at: number, keyAt: number, blocks: number) => void
}

let assembled: Uint8Array<ArrayBuffer> | undefined
const moduleBytes = (): Uint8Array<ArrayBuffer> =>
  (assembled ??= assembleWasm(
    {
      compress: sha1Compression(BLOCK_AT, STATE_AT),
      counters: counters(),
      xor: xor(),
      authenticate: authenticate(0),
      aes: aes(),
    },
    PAGES,
  ))
const instantiate = wasmCompiler(moduleBytes)

export const isSimdSupported = (): boolean => isValidWasm(moduleBytes())

/** @throws CompileError without SIMD. */
export const instantiateSimdModule = (): SimdExports => instantiate() as SimdExports
