import { COUNTERS_BYTES } from './memory-layout.js'
import type { CounterCipher } from './counter-cipher.js'
import type { SimdModule } from './module.js'

const BLOCK_BYTES = 16
/** One call into the cipher costs as much as fifty blocks, so it makes the keystream of several packets. */
const PACKETS_AHEAD = 8
/** The pipelines' packets have at most 1200 bytes. */
const USUAL_PAYLOAD_BYTES = 1200

const swap16 = (value: number): number => ((value & 0xff) << 8) | ((value >>> 8) & 0xff)
const swap32 = (value: number): number => (swap16(value) << 16) | swap16(value >>> 16)

/**
 * AES counter mode (RFC 3711 section 4.1.1) as ECB over counter blocks: one cipher for the whole stream, whose key is scheduled once.
 * Generates some packets ahead.
 */
export class Keystream {
  readonly #module: SimdModule
  readonly #cipher: CounterCipher
  /** The IV of index 0, in little-endian words. */
  readonly #iv: Int32Array
  #blocks = 0
  #counters: Buffer = Buffer.alloc(0)
  #bytes = Buffer.alloc(0)
  #slots: Buffer[] = []
  #firstIndex = 0
  #madeAhead = 0

  constructor(module: SimdModule, cipher: CounterCipher, salt: Buffer, ssrc: number) {
    this.#module = module
    this.#cipher = cipher
    // RFC 3711 section 4.1.1: IV = salt x 2^16 XOR ssrc x 2^64 XOR index x 2^16
    const iv = Buffer.alloc(BLOCK_BYTES)
    salt.copy(iv)
    iv.writeInt32BE(salt.readInt32BE(4) ^ ssrc, 4)
    this.#iv = Int32Array.from([0, 4, 8, 12], (at) => iv.readInt32LE(at))
    this.#growTo(USUAL_PAYLOAD_BYTES)
  }

  /**
   * HOT: @param index 2^16 x rollover counter + sequence number (RFC 3711 section 3.3.1).
   * @returns whole blocks, valid until the next call.
   */
  of(index: number, payloadBytes: number): Buffer {
    if (payloadBytes > this.#blocks * BLOCK_BYTES) this.#growTo(payloadBytes)
    const ahead = index - this.#firstIndex
    if (ahead >= 0 && ahead < this.#madeAhead) return this.#slots[ahead]!
    const [iv0, iv1, iv2, iv3] = this.#iv as unknown as [number, number, number, number]
    for (let slot = 0; slot < this.#slots.length; slot++) {
      const rollover = swap32(Math.floor((index + slot) / 0x10000))
      const sequence = swap16(index + slot)
      const at = slot * this.#blocks * BLOCK_BYTES
      this.#module.writeCounters(at, iv0, iv1, iv2 ^ rollover, iv3 ^ sequence, this.#blocks)
    }
    this.#cipher.encrypt(this.#counters, this.#bytes)
    this.#firstIndex = index
    this.#madeAhead = this.#slots.length
    return this.#slots[0]!
  }

  #growTo(payloadBytes: number): void {
    this.#blocks = Math.ceil(payloadBytes / BLOCK_BYTES)
    const slotBytes = this.#blocks * BLOCK_BYTES
    const packets = Math.max(1, Math.min(PACKETS_AHEAD, Math.floor(COUNTERS_BYTES / slotBytes)))
    this.#counters = this.#module.counters(packets * slotBytes)
    this.#bytes = Buffer.from(new ArrayBuffer(packets * slotBytes))
    this.#slots = Array.from({ length: packets }, (_, i) =>
      this.#bytes.subarray(i * slotBytes, (i + 1) * slotBytes),
    )
    this.#madeAhead = 0
  }
}
