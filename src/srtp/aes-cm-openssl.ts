import { createCipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { detachBuffer } from '../lib/detach-buffer.js'
import { AES_CM_TAG_BYTES } from './profile.js'
import { headerBytesOf, writeHeader, type RtpFields } from './rtp-header.js'
import type { ReusedBuffer } from '../lib/reused-buffer.js'
import type { SessionKeys } from './key-derivation.js'
import type { ProtectedStream, SendDatagram } from './stream.js'

const IV_BYTES = 16

/** AES_CM_128_HMAC_SHA1_80 (RFC 3711) with one OpenSSL cipher and HMAC per packet. */
export class OpenSslAesCmStream implements ProtectedStream {
  readonly #cipherKey: KeyObject
  readonly #hmacKey: KeyObject
  readonly #buffer: ReusedBuffer
  readonly #send: SendDatagram
  /** RFC 3711 section 4.1.1: salt x 2^16 XOR ssrc x 2^64, the IV of index 0. */
  readonly #firstIv = Buffer.alloc(IV_BYTES)
  readonly #iv = Buffer.alloc(IV_BYTES)
  readonly #rollover = Buffer.alloc(4)

  constructor(keys: SessionKeys, ssrc: number, buffer: ReusedBuffer, send: SendDatagram) {
    this.#cipherKey = createSecretKey(keys.encryption)
    this.#hmacKey = createSecretKey(keys.authentication)
    this.#buffer = buffer
    this.#send = send
    keys.salt.copy(this.#firstIv)
    this.#firstIv.writeUInt32BE((this.#firstIv.readUInt32BE(4) ^ ssrc) >>> 0, 4)
  }

  send(fields: RtpFields, payload: Buffer): void {
    const headerBytes = headerBytesOf(fields)
    const plainBytes = headerBytes + payload.length
    const datagram = this.#buffer.first(plainBytes + AES_CM_TAG_BYTES)
    writeHeader(datagram, 0, fields)
    const encrypted = createCipheriv('aes-128-ctr', this.#cipherKey, this.#ivOf(fields)).update(payload)
    datagram.set(encrypted, headerBytes)
    detachBuffer(encrypted)
    this.#rollover.writeUInt32BE(fields.rollover)
    const hmac = createHmac('sha1', this.#hmacKey).update(datagram.subarray(0, plainBytes))
    datagram.set(hmac.update(this.#rollover).digest().subarray(0, AES_CM_TAG_BYTES), plainBytes)
    this.#send(datagram)
  }

  #ivOf({ rollover, sequence }: RtpFields): Buffer {
    const iv = this.#iv
    this.#firstIv.copy(iv)
    iv.writeUInt32BE((iv.readUInt32BE(8) ^ rollover) >>> 0, 8)
    iv.writeUInt16BE(iv.readUInt16BE(12) ^ sequence, 12)
    return iv
  }
}
