import { createCipheriv, createSecretKey, hash, type Cipher, type KeyObject } from 'node:crypto'

/** RFC 3711 section 5.2: 80 of the 160 bits of HMAC-SHA1. */
export const AUTH_TAG_BYTES = 10
/** RFC 3550 section 5.1, without contributing sources and extensions: we send none. */
export const HEADER_BYTES = 12
/** What the pipelines' packets of at most 1200 bytes carry; there is room for more as soon as a larger one comes. */
const USUAL_PAYLOAD_BYTES = 1200
const BLOCK_BYTES = 16
const SHA1_BLOCK_BYTES = 64
const SHA1_BYTES = 20
const ROC_BYTES = 4
/** Keystream is made for this many packets by one call into the cipher, whose overhead is worth that of fifty blocks. */
const PACKETS_AHEAD = 8

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
 *
 * Every packet is made in the same memory: fresh memory for each keeps the garbage collector busy, and is never in the CPU's
 * cache.
 */
export class SrtpProtector {
  readonly #keystream: Keystream
  /** RFC 2104: the key, padded and masked, in front of either pass. */
  readonly #innerPad = Buffer.alloc(SHA1_BLOCK_BYTES, 0x36)
  readonly #outer = Buffer.alloc(SHA1_BLOCK_BYTES + SHA1_BYTES, 0x5c)
  #workshop: Workshop

  /** @param masterKey 16 bytes. @param masterSalt 14 bytes. @param ssrc of the one stream that this protects. */
  constructor(masterKey: Buffer, masterSalt: Buffer, ssrc: number) {
    const master = createSecretKey(masterKey)
    const key = createSecretKey(derive(master, masterSalt, LABEL_ENCRYPTION, 16))
    const authentication = derive(master, masterSalt, LABEL_AUTHENTICATION, SHA1_BYTES)
    this.#keystream = new Keystream(key, derive(master, masterSalt, LABEL_SALT, 14), ssrc)
    for (let i = 0; i < SHA1_BYTES; i++) {
      this.#innerPad[i]! ^= authentication[i]!
      this.#outer[i]! ^= authentication[i]!
    }
    this.#workshop = new Workshop(this.#innerPad, USUAL_PAYLOAD_BYTES)
  }

  /** HEADER_BYTES of memory into which the header of the next packet is written; it has no other content yet. */
  get header(): Buffer {
    return this.#workshop.header
  }

  /**
   * HOT: protects the packet that `header` was written for.
   * @param index 2^16 x rollover counter + sequence number (RFC 3711 section 3.3.1).
   * @returns header, encrypted payload and tag; lent until the next call, unless `forsake` comes first.
   */
  protect({ payload, words }: ProtectedPayload, index: number): Buffer {
    const { length } = payload
    if (length > this.#workshop.payloadBytes) this.#growTo(length)
    const workshop = this.#workshop
    workshop.fit(length)
    const { bytes } = workshop
    const end = PAYLOAD_AT + length
    this.#encrypt(payload, words, this.#keystream.positionOf(index))
    const rollover = Math.floor(index / 0x10000)
    bytes[end] = rollover >>> 24
    bytes[end + 1] = rollover >>> 16
    bytes[end + 2] = rollover >>> 8
    bytes[end + 3] = rollover
    this.#authenticate(workshop.authenticated, bytes, end)
    return workshop.datagram
  }

  /** The last packet stays as it is for as long as somebody needs it: the next one is made elsewhere. */
  forsake(): void {
    this.#workshop = new Workshop(this.#innerPad, this.#workshop.payloadBytes)
  }

  #growTo(payloadBytes: number): void {
    const { header } = this.#workshop
    this.#keystream.growTo(payloadBytes)
    this.#workshop = new Workshop(this.#innerPad, payloadBytes)
    this.#workshop.header.set(header)
  }

  #encrypt(payload: Buffer, words: Uint32Array, from: number): void {
    const { bytes: keystreamBytes, words: keystreamWords } = this.#keystream
    const { bytes, words: out } = this.#workshop
    const [fromWord, toWord] = [from >> 2, PAYLOAD_AT >> 2]
    const count = words.length
    for (let i = 0; i < count; i++) out[toWord + i] = words[i]! ^ keystreamWords[fromWord + i]!
    for (let i = count * 4; i < payload.length; i++)
      bytes[PAYLOAD_AT + i] = payload[i]! ^ keystreamBytes[from + i]!
  }

  /** HMAC as two one-shot hashes: the text they give costs less than a fresh buffer, and there is no object to set up. */
  #authenticate(inner: Buffer, out: Buffer, at: number): void {
    const outer = this.#outer
    const first = hash('sha1', inner, 'binary')
    for (let i = 0; i < SHA1_BYTES; i++) outer[SHA1_BLOCK_BYTES + i] = first.charCodeAt(i)
    const second = hash('sha1', outer, 'binary')
    for (let i = 0; i < AUTH_TAG_BYTES; i++) out[at + i] = second.charCodeAt(i)
  }
}

const PAYLOAD_AT = SHA1_BLOCK_BYTES + HEADER_BYTES

/** Memory in which one packet after the other is made: padded HMAC key, header, payload, and rollover counter or tag. */
class Workshop {
  readonly bytes: Buffer
  readonly words: Uint32Array
  readonly header: Buffer
  readonly payloadBytes: number
  /** The part of it that is hashed, and the part that is sent, for a payload of the last length: most are equally long. */
  authenticated: Buffer
  datagram: Buffer
  #length = 0

  constructor(innerPad: Buffer, payloadBytes: number) {
    const whole = PAYLOAD_AT + payloadBytes + AUTH_TAG_BYTES
    this.bytes = Buffer.from(new ArrayBuffer((whole + 3) & ~3))
    this.words = new Uint32Array(this.bytes.buffer)
    this.header = this.bytes.subarray(SHA1_BLOCK_BYTES, PAYLOAD_AT)
    this.payloadBytes = payloadBytes
    this.authenticated = this.datagram = this.bytes
    this.bytes.set(innerPad)
  }

  fit(length: number): void {
    if (length === this.#length) return
    this.#length = length
    this.authenticated = this.bytes.subarray(0, PAYLOAD_AT + length + ROC_BYTES)
    this.datagram = this.bytes.subarray(SHA1_BLOCK_BYTES, PAYLOAD_AT + length + AUTH_TAG_BYTES)
  }
}

/** The keystream of some packets ahead. */
class Keystream {
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

  constructor(key: KeyObject, salt: Buffer, ssrc: number) {
    this.#cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false)
    this.#salt = salt
    this.#ssrc = ssrc
    this.growTo(USUAL_PAYLOAD_BYTES)
  }

  /** At which byte the keystream of an index begins; made, with that of the packets behind it, where it is not there yet. */
  positionOf(index: number): number {
    const ahead = index - this.#firstIndex
    if (ahead >= 0 && ahead < this.#madeAhead) return ahead * this.#slotBytes
    for (let slot = 0; slot < PACKETS_AHEAD; slot++) this.#setIndex(slot, index + slot)
    const made = this.#cipher.update(this.#counters)
    this.bytes = made
    this.words = new Uint32Array(made.buffer, made.byteOffset, made.length >> 2)
    this.#firstIndex = index
    this.#madeAhead = PACKETS_AHEAD
    return 0
  }

  /** RFC 3711 section 4.1.1: IV = salt x 2^16 XOR ssrc x 2^64 XOR index x 2^16. No byte of it may serve two packets. */
  growTo(payloadBytes: number): void {
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

/** RFC 3711 section 4.3: AES in counter mode over the salt, with the label in byte 7; the key derivation rate is 0. */
function derive(master: KeyObject, salt: Buffer, label: number, bytes: number): Buffer {
  const iv = Buffer.alloc(BLOCK_BYTES)
  salt.copy(iv)
  iv[7]! ^= label
  return createCipheriv('aes-128-ctr', master, iv).update(Buffer.alloc(bytes))
}
