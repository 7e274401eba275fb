import type { Libc } from './libc.js'

const WORD_BYTES = 4
const MAX_TRIES = 4

/** Zeroed memory at an address that the kernel reads and writes. It keeps the memory alive: hold it as long as the address is in use. */
export class Arena {
  readonly bytes: Buffer
  readonly words: Uint32Array
  readonly address: bigint
  /** The upper half of all its addresses. */
  readonly high: number
  readonly #low: number

  /** @throws Error if the memory crosses a multiple of 2^32, so that the upper halves differ. */
  constructor(memory: ArrayBuffer, address: bigint) {
    this.bytes = Buffer.from(memory)
    this.words = new Uint32Array(memory)
    this.address = address
    this.high = Number(address >> 32n)
    this.#low = Number(address & 0xffffffffn)
    if (address === 0n || this.#low + memory.byteLength > 2 ** 32) throw new Error('unusable address')
  }

  /** HOT: the lower half of the address of a byte. */
  lowAt(byte: number): number {
    return this.#low + byte
  }
}

/** @param bytes a multiple of 8. @throws Error */
export function openArena(libc: Pick<Libc, 'addressOf'>, bytes: number): Arena {
  const unusable: ArrayBuffer[] = [] // held, or the next one may get the same memory
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const memory = new ArrayBuffer(bytes)
    unusable.push(memory)
    try {
      return new Arena(memory, libc.addressOf(memory))
    } catch {
      // the next memory has another address
    }
  }
  throw new Error('no usable memory')
}

/** Consecutive parts of an arena, each beginning at a multiple of 8 bytes. */
export class ArenaPlan {
  bytes = 0

  /** @returns the first word of the part. */
  words(count: number): number {
    return this.part(count * WORD_BYTES) / WORD_BYTES
  }

  /** @returns the first byte of the part. */
  part(bytes: number): number {
    const at = this.bytes
    this.bytes = (at + bytes + 7) & ~7
    return at
  }
}
