import { createCipheriv, createSecretKey, hash, type Cipher, type KeyObject } from 'node:crypto'

/** RFC 3711 section 5.2: 80 of the 160 bits of HMAC-SHA1. */
export const AUTH_TAG_BYTES = 10
/** The largest payload that is protected; the pipelines make packets of at most 1200 bytes. */
export const MAX_PAYLOAD_BYTES = 1280
const BLOCK_BYTES = 16
const SHA1_BLOCK_BYTES = 64
const SHA1_BYTES = 20
const ROC_BYTES = 4
/** Keystream is made for this many packets by one call into the cipher, whose overhead is worth that of fifty blocks. */
const PACKETS_AHEAD = 8
const BLOCKS_PER_PACKET = MAX_PAYLOAD_BYTES / BLOCK_BYTES
/** Packets are written one behind the other into slabs; a slab is forgotten when it is full, and freed when it is sent. */
const SLAB_BYTES = 64 * 1024

/** What is encrypted: shared by all viewers, so only read. */
export interface ProtectedPayload {
  readonly payload: Buffer
  readonly words: Uint32Array
}

/** Labels of the key derivation (RFC 3711 section 4.3.2). */
const LABEL_ENCRYPTION = 0
const LABEL_AUTHENTICATION = 1
const LABEL_SALT = 2

/**
 * Protects one stream with AES_CM_128_HMAC_SHA1_80 (RFC 3711). Counter mode is ECB over counter blocks, so one cipher object
 * lives as long as the stream, its key is scheduled once, and one call makes the keystream of several packets.
 */
export class SrtpProtector {
  readonly #cipher: Cipher
  readonly #salt: Buffer
  readonly #ssrc: number
  /** The counter blocks of the packets ahead; only the index in them ever changes. */
  readonly #counters = Buffer.alloc(PACKETS_AHEAD * MAX_PAYLOAD_BYTES)
  readonly #counterHalves = new Uint16Array(
    this.#counters.buffer,
    this.#counters.byteOffset,
    this.#counters.length / 2,
  )
  readonly #rollovers = new Array<number>(PACKETS_AHEAD).fill(-1)
  #keystreamBytes = Buffer.alloc(0)
  #keystreamWords = new Uint32Array(0)
  #firstIndex = 0
  #madeAhead = 0
  /** RFC 2104: the key, padded and masked, in front of either pass. */
  readonly #innerPad = Buffer.alloc(SHA1_BLOCK_BYTES, 0x36)
  readonly #outer = Buffer.alloc(SHA1_BLOCK_BYTES + SHA1_BYTES, 0x5c)
  #slab = new Slab()

  /** @param masterKey 16 bytes. @param masterSalt 14 bytes. @param ssrc of the one stream that this protects. */
  constructor(masterKey: Buffer, masterSalt: Buffer, ssrc: number) {
    const master = createSecretKey(masterKey)
    const key = createSecretKey(derive(master, masterSalt, LABEL_ENCRYPTION, 16))
    const authentication = derive(master, masterSalt, LABEL_AUTHENTICATION, SHA1_BYTES)
    this.#ssrc = ssrc
    this.#salt = derive(master, masterSalt, LABEL_SALT, 14)
    this.#cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false)
    for (let i = 0; i < SHA1_BYTES; i++) {
      this.#innerPad[i]! ^= authentication[i]!
      this.#outer[i]! ^= authentication[i]!
    }
    this.#prepareCounters()
  }

  /**
   * HOT: protects one packet.
   * @param header complete, its length a multiple of 4. @param payload at most MAX_PAYLOAD_BYTES, and its whole words.
   * @param index 2^16 x rollover counter + sequence number (RFC 3711 section 3.3.1).
   * @returns header, encrypted payload and tag; not touched again by us.
   */
  protect(header: Buffer, { payload, words }: ProtectedPayload, index: number): Buffer {
    const { length } = payload
    const start = this.#room(SHA1_BLOCK_BYTES + header.length + length + Math.max(ROC_BYTES, AUTH_TAG_BYTES))
    const { bytes, words: slab } = this.#slab
    bytes.set(this.#innerPad, start)
    bytes.set(header, start + SHA1_BLOCK_BYTES)
    const keystream = this.#keystreamOf(index)
    const target = start + SHA1_BLOCK_BYTES + header.length
    const end = target + length
    this.#encrypt(words, keystream, slab, target >> 2)
    for (let i = words.length * 4; i < length; i++)
      bytes[target + i] = payload[i]! ^ this.#keystreamBytes[keystream + i]!
    bytes.writeUInt32BE(Math.floor(index / 0x10000), end)
    this.#authenticate(bytes.subarray(start, end + ROC_BYTES), bytes, end)
    return bytes.subarray(start + SHA1_BLOCK_BYTES, end + AUTH_TAG_BYTES)
  }

  #encrypt(words: Uint32Array, keystreamAt: number, out: Uint32Array, outAt: number): void {
    const keystream = this.#keystreamWords
    const from = keystreamAt >> 2
    for (let i = 0; i < words.length; i++) out[outAt + i] = words[i]! ^ keystream[from + i]!
  }

  /** HMAC as two one-shot hashes: the text they give costs less than a fresh buffer, and there is no object to set up. */
  #authenticate(inner: Buffer, out: Buffer, at: number): void {
    const outer = this.#outer
    const first = hash('sha1', inner, 'binary')
    for (let i = 0; i < SHA1_BYTES; i++) outer[SHA1_BLOCK_BYTES + i] = first.charCodeAt(i)
    const second = hash('sha1', outer, 'binary')
    for (let i = 0; i < AUTH_TAG_BYTES; i++) out[at + i] = second.charCodeAt(i)
  }

  /** At which byte the keystream of an index begins; made, with that of the packets behind it, where it is not there yet. */
  #keystreamOf(index: number): number {
    const ahead = index - this.#firstIndex
    if (ahead >= 0 && ahead < this.#madeAhead) return ahead * MAX_PAYLOAD_BYTES
    for (let slot = 0; slot < PACKETS_AHEAD; slot++) this.#setIndex(slot, index + slot)
    const made = this.#cipher.update(this.#counters)
    this.#keystreamBytes = made
    this.#keystreamWords = new Uint32Array(made.buffer, made.byteOffset, made.length >> 2)
    this.#firstIndex = index
    this.#madeAhead = PACKETS_AHEAD
    return 0
  }

  /** RFC 3711 section 4.1.1: IV = salt x 2^16 XOR ssrc x 2^64 XOR index x 2^16. */
  #prepareCounters(): void {
    for (let block = 0; block < PACKETS_AHEAD * BLOCKS_PER_PACKET; block++) {
      const at = block * BLOCK_BYTES
      this.#salt.copy(this.#counters, at)
      this.#counters.writeUInt32BE((this.#salt.readUInt32BE(4) ^ this.#ssrc) >>> 0, at + 4)
      this.#counters.writeUInt16BE(block % BLOCKS_PER_PACKET, at + 14)
    }
  }

  #setIndex(slot: number, index: number): void {
    const rollover = Math.floor(index / 0x10000)
    const first = slot * MAX_PAYLOAD_BYTES
    if (this.#rollovers[slot] !== rollover) {
      this.#rollovers[slot] = rollover
      const masked = (this.#salt.readUInt32BE(8) ^ rollover) >>> 0
      for (let at = first; at < first + MAX_PAYLOAD_BYTES; at += BLOCK_BYTES)
        this.#counters.writeUInt32BE(masked, at + 8)
    }
    const masked = this.#salt.readUInt16BE(12) ^ (index & 0xffff)
    const swapped = ((masked >> 8) | (masked << 8)) & 0xffff // network order, written by a little-endian machine
    const halves = this.#counterHalves
    for (let at = (first + 12) >> 1, block = 0; block < BLOCKS_PER_PACKET; block++, at += BLOCK_BYTES / 2)
      halves[at] = swapped
  }

  #room(bytes: number): number {
    if (!this.#slab.has(bytes)) this.#slab = new Slab()
    return this.#slab.take(bytes)
  }
}

class Slab {
  readonly bytes = Buffer.from(new ArrayBuffer(SLAB_BYTES))
  readonly words = new Uint32Array(this.bytes.buffer)
  #used = 0

  has(bytes: number): boolean {
    return this.#used + bytes <= SLAB_BYTES
  }

  take(bytes: number): number {
    const start = this.#used
    this.#used = (start + bytes + 3) & ~3
    return start
  }
}

/** RFC 3711 section 4.3: AES in counter mode over the salt, with the label in byte 7; the key derivation rate is 0. */
function derive(master: KeyObject, salt: Buffer, label: number, bytes: number): Buffer {
  const iv = Buffer.alloc(BLOCK_BYTES)
  salt.copy(iv)
  iv[7]! ^= label
  return createCipheriv('aes-128-ctr', master, iv).update(Buffer.alloc(bytes))
}
