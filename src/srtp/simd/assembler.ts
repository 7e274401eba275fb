/**
 * The binary format of the WebAssembly instructions that we use (WebAssembly Core Specification 2.0, section 5). Operands precede
 * their instruction; nested lists are flattened.
 */
export type Code = readonly (number | Code)[]

type ValueType = 'i32' | 'v128'

const VALUE_TYPES: Record<ValueType, number> = { i32: 0x7f, v128: 0x7b }
const MAGIC_AND_VERSION = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
const FUNCTION_TYPE = 0x60
const EXPORTS_FUNCTION = 0
const EXPORTS_MEMORY = 2
const END = 0x0b
const NO_RESULT = 0x40

/** Unsigned LEB128 */
function unsigned(value: number): number[] {
  const code: number[] = []
  for (; value > 0x7f; value >>>= 7) code.push((value & 0x7f) | 0x80)
  return [...code, value]
}

/** Signed LEB128 of 32 bits */
function signed(value: number): number[] {
  const code: number[] = []
  for (; value < -0x40 || value > 0x3f; value >>= 7) code.push((value & 0x7f) | 0x80)
  return [...code, value & 0x7f]
}

const simd = (instruction: number, ...immediates: Code): Code => [0xfd, unsigned(instruction), immediates]

const UNALIGNED = 0
const memory = (offset: number): Code => [UNALIGNED, unsigned(offset)]

export const get = (local: number): Code => [0x20, unsigned(local)]
export const set = (local: number): Code => [0x21, unsigned(local)]
export const call = (index: number): Code => [0x10, unsigned(index)]
/** Repeats while the body leaves a value other than 0. */
export const loopWhile = (...body: Code): Code => [0x03, NO_RESULT, body, 0x0d, 0, END]

export const i32 = {
  constant: (value: number): Code => [0x41, signed(value)],
  add: [0x6a],
  or: [0x72],
  shiftLeft: [0x74],
  shiftRight: [0x76],
  isLess: [0x49],
  store: (offset = 0): Code => [0x36, memory(offset)],
  store8: (offset = 0): Code => [0x3a, memory(offset)],
}

export const v128 = {
  load: (offset = 0): Code => simd(0x00, memory(offset)),
  store: (offset = 0): Code => simd(0x0b, memory(offset)),
  storeLane32: (lane: number, offset = 0): Code => simd(0x5a, memory(offset), lane),
  storeLane16: (lane: number, offset = 0): Code => simd(0x59, memory(offset), lane),
  constant: (word: number): Code => {
    const bytes = [word, word >>> 8, word >>> 16, word >>> 24].map((byte) => byte & 0xff)
    return simd(0x0c, bytes, bytes, bytes, bytes)
  },
  constantBytes: (bytes: readonly number[]): Code => simd(0x0c, bytes),
  /** @param bytes sixteen indices, 0 to 31, into two operands. */
  shuffle: (bytes: readonly number[]): Code => simd(0x0d, bytes),
  /** Bytes of the first operand, in the order of the indices in the second. */
  swizzle: simd(0x0e),
  and: simd(0x4e),
  or: simd(0x50),
  xor: simd(0x51),
  /** bitselect: bits of the first operand where the third has a 1, else of the second. */
  select: simd(0x52),
  splat32: simd(0x11),
  replaceLane32: (lane: number): Code => simd(0x1c, lane),
  replaceLane16: (lane: number): Code => simd(0x1a, lane),
  add32: simd(0xae),
  shiftLeft32: simd(0xab),
  shiftRight32: simd(0xad),
}

/** @types/node does not declare it. */
declare const WebAssembly: {
  validate(bytes: Uint8Array<ArrayBuffer>): boolean
  Module: new (bytes: Uint8Array<ArrayBuffer>) => object
  Instance: new (module: object) => { exports: object }
}

export interface WasmFunction {
  /** All i32; there is no result. */
  parameters: number
  locals: ValueType[]
  code: Code
}

export const isValidWasm = (bytes: Uint8Array<ArrayBuffer>): boolean => WebAssembly.validate(bytes)

/** Compiles at the first call, so that the import costs nothing and cannot fail. @returns makes an instance. */
export function wasmCompiler(bytes: () => Uint8Array<ArrayBuffer>): () => object {
  let module: object | undefined
  return () => {
    module ??= new WebAssembly.Module(bytes())
    return new WebAssembly.Instance(module).exports
  }
}

/** @param functions the first has index 0. @param pages fixed memory size, in 64 KiB. */
export function assembleWasm(
  functions: Record<string, WasmFunction>,
  pages: number,
): Uint8Array<ArrayBuffer> {
  const all = Object.entries(functions)
  const list = (items: Code): Code => [unsigned(items.length), items]
  const sized = (code: Code): Code => {
    const bytes = flat(code)
    return [unsigned(bytes.length), bytes]
  }
  const section = (id: number, items: Code): Code => [id, sized(list(items))]
  const named = (name: string, kind: number, index: number): Code => [
    sized([...Buffer.from(name)]),
    kind,
    unsigned(index),
  ]
  const types = all.map(([, { parameters }]): Code => {
    const i32s = new Array<number>(parameters).fill(VALUE_TYPES.i32)
    return [FUNCTION_TYPE, list(i32s), 0]
  })
  const exported = [
    named('memory', EXPORTS_MEMORY, 0),
    ...all.map(([name], index) => named(name, EXPORTS_FUNCTION, index)),
  ]
  const bodies = all.map(([, { locals, code }]) =>
    sized([list(locals.map((type) => [1, VALUE_TYPES[type]])), code, END]),
  )
  return Uint8Array.from(
    flat([
      MAGIC_AND_VERSION,
      section(1, types),
      section(3, [...all.keys()].map(unsigned)),
      section(5, [[1, unsigned(pages), unsigned(pages)]]),
      section(7, exported),
      section(10, bodies),
    ]),
  )
}

const flat = (code: Code): number[] => code.flatMap((part) => (typeof part === 'number' ? part : flat(part)))
