import { AES_BLOCKS } from './aes.js'
import {
  AES_KEY_AT,
  BLOCK_AT,
  BLOCK_BYTES,
  COUNTERS_AT,
  INNER_AT,
  LANE_BYTES,
  LANES,
  LANES_AT,
  OUTER_AT,
  PAYLOAD_AT,
  STATE_AT,
  VECTOR_BYTES,
} from './memory-layout.js'
import { instantiateSimdModule } from './module-code.js'
import { SHA1_BLOCK_WORDS, SHA1_INITIAL, SHA1_STATE_WORDS } from './sha1.js'

/** The SHA-1 states after the inner and the outer pad (RFC 2104 section 4). */
export interface HmacKey {
  inner: Int32Array
  outer: Int32Array
}

/**
 * An instance of the WebAssembly module with its memory. A call from JavaScript into OpenSSL costs as much as hashing half a packet,
 * so packets of four viewers are hashed in parallel, in place.
 */
export class SimdModule {
  readonly #exports = instantiateSimdModule()
  readonly bytes = Buffer.from(this.#exports.memory.buffer)
  readonly #words = new Int32Array(this.#exports.memory.buffer)
  readonly laneAt = Array.from({ length: LANES }, (_, lane) => LANES_AT + lane * LANE_BYTES)

  /** @param key of at most 64 bytes. */
  hmacKey(key: Buffer): HmacKey {
    return { inner: this.#keyState(key, 0x36), outer: this.#keyState(key, 0x5c) }
  }

  #keyState(key: Buffer, padByte: number): Int32Array {
    const block = Buffer.alloc(BLOCK_BYTES)
    key.copy(block)
    for (let i = 0; i < SHA1_BLOCK_WORDS; i++)
      this.#words[(BLOCK_AT + i * VECTOR_BYTES) / 4] = block.readInt32BE(i * 4) ^ (padByte * 0x01010101)
    for (const [i, word] of SHA1_INITIAL.entries()) this.#words[(STATE_AT + i * VECTOR_BYTES) / 4] = word
    this.#exports.compress()
    return Int32Array.from(SHA1_INITIAL, (_, i) => this.#words[(STATE_AT + i * VECTOR_BYTES) / 4]!)
  }

  /** The memory of counter blocks. */
  counters(bytes: number): Buffer {
    return this.bytes.subarray(COUNTERS_AT, COUNTERS_AT + bytes)
  }

  /** HOT: the IV in little-endian words. */
  writeCounters(at: number, iv0: number, iv1: number, iv2: number, iv3: number, blocks: number): void {
    this.#exports.counters(COUNTERS_AT + at, iv0, iv1, iv2, iv3, blocks)
  }

  /** HOT: with AES-128, in place. Also changes up to seven blocks after them. @param key of slicedKey(). */
  encryptCounters(key: Buffer, blocks: number): void {
    this.bytes.set(key, AES_KEY_AT)
    this.#exports.aes(COUNTERS_AT, AES_KEY_AT, (blocks + AES_BLOCKS - 1) & -AES_BLOCKS)
  }

  /** HOT: also changes up to 15 bytes after the payload. */
  xorPayload(at: number, payloadBytes: number): void {
    this.#exports.xor(at, PAYLOAD_AT, at + payloadBytes)
  }

  /** HOT */
  setKey(lane: number, { inner, outer }: HmacKey): void {
    const words = this.#words
    for (let i = 0; i < SHA1_STATE_WORDS; i++) {
      words[INNER_AT / 4 + i * LANES + lane] = inner[i]!
      words[OUTER_AT / 4 + i * LANES + lane] = outer[i]!
    }
  }

  /** HOT: replaces the rollover counters with the tags. @param bytes of each packet, including the counter. */
  authenticate(bytes: number): void {
    const [lane0, lane1, lane2, lane3] = this.laneAt as [number, number, number, number]
    const blockBytes = (bytes + 1 + 8 + BLOCK_BYTES - 1) & -BLOCK_BYTES
    const bits = (BLOCK_BYTES + bytes) * 8
    const swapped = (bits << 24) | ((bits & 0xff00) << 8) | ((bits >> 8) & 0xff00) | (bits >>> 24)
    this.#exports.authenticate(lane0, lane1, lane2, lane3, bytes, blockBytes, swapped)
  }
}
