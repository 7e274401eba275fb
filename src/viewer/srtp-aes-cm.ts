import { hash } from 'node:crypto'
import { Keystream } from './keystream.js'
import { KEY_PAD_BYTES, type PacketBuffer } from './packet-buffer.js'
import type { ProtectedPayload, SrtpProtector } from './srtp.js'
import type { SessionKeys } from './srtp-keys.js'

/** RFC 3711 section 5.2: 80 of the 160 bits of HMAC-SHA1. */
const TAG_BYTES = 10
const SHA1_BYTES = 20
/** RFC 3711 section 8.2: the HMAC's key is as long as its hash. */
export const AUTHENTICATION_KEY_BYTES = SHA1_BYTES
const ROC_BYTES = 4

/** AES_CM_128_HMAC_SHA1_80 (RFC 3711). */
export class AesCmProtector implements SrtpProtector {
  readonly #keystream: Keystream
  /** RFC 2104: the key, padded and masked, in front of either pass. */
  readonly #innerPad = Buffer.from(new ArrayBuffer(KEY_PAD_BYTES)).fill(0x36)
  readonly #innerPadWords = new Uint32Array(this.#innerPad.buffer)
  readonly #outer = Buffer.alloc(KEY_PAD_BYTES + SHA1_BYTES, 0x5c)

  /** @param keys whose salt has 14 bytes. @param ssrc of the one stream that this protects. */
  constructor({ encryption, authentication, salt }: SessionKeys, ssrc: number) {
    this.#keystream = new Keystream(encryption, salt, ssrc)
    for (let i = 0; i < SHA1_BYTES; i++) {
      this.#innerPad[i]! ^= authentication[i]!
      this.#outer[i]! ^= authentication[i]!
    }
  }

  protect(buffer: PacketBuffer, headerBytes: number, media: ProtectedPayload, index: number): Buffer {
    const length = headerBytes + media.payload.length
    this.#encrypt(buffer, KEY_PAD_BYTES + headerBytes, media, index)
    this.#authenticate(buffer, length, Math.floor(index / 0x10000))
    return buffer.packet(length + TAG_BYTES)
  }

  #encrypt(buffer: PacketBuffer, at: number, { payload, words }: ProtectedPayload, index: number): void {
    const keystream = this.#keystream
    const from = keystream.positionOf(index, payload.length)
    const { bytes, words: out } = buffer
    const { bytes: keyBytes, words: keyWords } = keystream
    const [fromWord, toWord] = [from >> 2, at >> 2]
    const count = words.length
    for (let i = 0; i < count; i++) out[toWord + i] = words[i]! ^ keyWords[fromWord + i]!
    for (let i = count * 4; i < payload.length; i++) bytes[at + i] = payload[i]! ^ keyBytes[from + i]!
  }

  /** HMAC as two one-shot hashes: the text they give costs less than a fresh buffer, and there is no object to set up. */
  #authenticate(buffer: PacketBuffer, length: number, rollover: number): void {
    const { bytes, words } = buffer
    const end = KEY_PAD_BYTES + length
    for (let i = 0; i < KEY_PAD_BYTES / 4; i++) words[i] = this.#innerPadWords[i]!
    bytes[end] = rollover >>> 24
    bytes[end + 1] = rollover >>> 16
    bytes[end + 2] = rollover >>> 8
    bytes[end + 3] = rollover
    const outer = this.#outer
    const inner = hash('sha1', buffer.padded(length + ROC_BYTES), 'binary')
    for (let i = 0; i < SHA1_BYTES; i++) outer[KEY_PAD_BYTES + i] = inner.charCodeAt(i)
    const tag = hash('sha1', outer, 'binary')
    for (let i = 0; i < TAG_BYTES; i++) bytes[end + i] = tag.charCodeAt(i)
  }
}
