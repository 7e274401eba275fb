import { createCipheriv, createSecretKey, type KeyObject } from 'node:crypto'
import { releaseMemory } from '../lib/release-memory.js'
import { KEY_PAD_BYTES, type PacketBuffer } from './packet-buffer.js'
import type { ProtectedPayload, SrtpProtector } from './srtp.js'
import type { SessionKeys } from './srtp-keys.js'

const TAG_BYTES = 16
const IV_BYTES = 12

/** AEAD_AES_128_GCM (RFC 7714). A cipher object serves one IV only, so there is one for each packet. */
export class AesGcmProtector implements SrtpProtector {
  readonly #key: KeyObject
  readonly #salt: Buffer
  readonly #ssrc: number
  readonly #iv = Buffer.alloc(IV_BYTES)

  /** @param keys whose salt has 12 bytes. @param ssrc of the one stream that this protects. */
  constructor({ encryption, salt }: SessionKeys, ssrc: number) {
    this.#key = createSecretKey(encryption)
    this.#salt = salt
    this.#ssrc = ssrc
  }

  protect(buffer: PacketBuffer, headerBytes: number, { payload }: ProtectedPayload, index: number): Buffer {
    const cipher = createCipheriv('aes-128-gcm', this.#key, this.#ivOf(index))
    cipher.setAAD(buffer.packet(headerBytes))
    const encrypted = cipher.update(payload)
    cipher.final()
    const at = KEY_PAD_BYTES + headerBytes
    buffer.bytes.set(encrypted, at)
    buffer.bytes.set(cipher.getAuthTag(), at + payload.length)
    releaseMemory(encrypted)
    return buffer.packet(headerBytes + payload.length + TAG_BYTES)
  }

  /** RFC 7714 section 8.1: two octets of zero, SSRC, rollover counter and sequence number, XORed with the salt. */
  #ivOf(index: number): Buffer {
    const iv = this.#iv
    iv.writeUInt16BE(0, 0)
    iv.writeUInt32BE(this.#ssrc, 2)
    iv.writeUInt32BE(Math.floor(index / 0x10000), 6)
    iv.writeUInt16BE(index & 0xffff, 10)
    for (let i = 0; i < IV_BYTES; i++) iv[i]! ^= this.#salt[i]!
    return iv
  }
}
