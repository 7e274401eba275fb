import { createCipheriv, createSecretKey, type Cipher } from 'node:crypto'
import { releaseMemory } from '../lib/release-memory.js'

const BLOCK_BYTES = 16
/** Keystream is made for this many packets by one call into the cipher, whose overhead is worth that of fifty blocks. */
const PACKETS_AHEAD = 8
/** What the pipelines' packets of at most 1200 bytes carry; there is room for more as soon as a larger one comes. */
const USUAL_PAYLOAD_BYTES = 1200

/**
 * The keystream of one stream in AES counter mode (RFC 3711 section 4.1.1), that of some packets ahead. Counter mode is ECB
 * over counter blocks, so one cipher object lives as long as the stream and its key is scheduled once.
 */
export class Keystream {
  readonly #cipher: Cipher
  readonly #salt: Buffer
  readonly #ssrc: number
  /** The counter blocks of the packets ahead; only the index in them ever changes. */
  #counters = Buffer.alloc(0)
  #counterHalves = new Uint16Array(0)
  readonly #rollovers = new Array<number>(PACKETS_AHEAD).fill(-1)
  #slotBytes = 0
  #firstIndex = 0
  #madeAhead = 0
  bytes = Buffer.alloc(0)
  words = new Uint32Array(0)

  /** @param salt 14 bytes. */
  constructor(key: Buffer, salt: Buffer, ssrc: number) {
    this.#cipher = createCipheriv('aes-128-ecb', createSecretKey(key), null).setAutoPadding(false)
    this.#salt = salt
    this.#ssrc = ssrc
    this.#growTo(USUAL_PAYLOAD_BYTES)
  }

  /**
   * HOT: makes the keystream of an index, and of the packets behind it, where it is not there yet.
   * @returns at which byte it begins, a multiple of 16.
   */
  positionOf(index: number, payloadBytes: number): number {
    if (payloadBytes > this.#slotBytes) this.#growTo(payloadBytes)
    const ahead = index - this.#firstIndex
    if (ahead >= 0 && ahead < this.#madeAhead) return ahead * this.#slotBytes
    for (let slot = 0; slot < PACKETS_AHEAD; slot++) this.#setIndex(slot, index + slot)
    const made = this.#cipher.update(this.#counters)
    this.bytes.set(made)
    releaseMemory(made)
    this.#firstIndex = index
    this.#madeAhead = PACKETS_AHEAD
    return 0
  }

  /** RFC 3711 section 4.1.1: IV = salt x 2^16 XOR ssrc x 2^64 XOR index x 2^16. No byte of it may serve two packets. */
  #growTo(payloadBytes: number): void {
    const blocks = Math.ceil(payloadBytes / BLOCK_BYTES)
    this.#slotBytes = blocks * BLOCK_BYTES
    this.#madeAhead = 0
    this.#rollovers.fill(-1)
    const counters = Buffer.from(new ArrayBuffer(PACKETS_AHEAD * this.#slotBytes))
    for (let block = 0; block < PACKETS_AHEAD * blocks; block++) {
      const at = block * BLOCK_BYTES
      this.#salt.copy(counters, at)
      counters.writeUInt32BE((this.#salt.readUInt32BE(4) ^ this.#ssrc) >>> 0, at + 4)
      counters.writeUInt16BE(block % blocks, at + 14)
    }
    this.#counters = counters
    this.#counterHalves = new Uint16Array(counters.buffer)
    this.bytes = Buffer.from(new ArrayBuffer(counters.length))
    this.words = new Uint32Array(this.bytes.buffer)
  }

  #setIndex(slot: number, index: number): void {
    const rollover = Math.floor(index / 0x10000)
    const first = slot * this.#slotBytes
    const end = first + this.#slotBytes
    if (this.#rollovers[slot] !== rollover) {
      this.#rollovers[slot] = rollover
      const masked = (this.#salt.readUInt32BE(8) ^ rollover) >>> 0
      for (let at = first; at < end; at += BLOCK_BYTES) this.#counters.writeUInt32BE(masked, at + 8)
    }
    const masked = this.#salt.readUInt16BE(12) ^ (index & 0xffff)
    const swapped = ((masked >> 8) | (masked << 8)) & 0xffff // network order, written by a little-endian machine
    const halves = this.#counterHalves
    for (let at = (first + 12) >> 1; at < end >> 1; at += BLOCK_BYTES / 2) halves[at] = swapped
  }
}
