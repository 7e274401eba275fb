import { createCipheriv, createSecretKey, type KeyObject } from 'node:crypto'
import { detachBuffer } from '../lib/detach-buffer.js'
import { headerBytesOf, writeHeader, type RtpFields } from './rtp-header.js'
import type { ReusedBuffer } from '../lib/reused-buffer.js'
import type { SessionKeys } from './key-derivation.js'
import type { ProtectedStream, SendDatagram } from './stream.js'

const TAG_BYTES = 16
const IV_BYTES = 12

/** AEAD_AES_128_GCM (RFC 7714), with one OpenSSL cipher per packet: a cipher object has only one IV. */
export class AesGcmStream implements ProtectedStream {
  readonly #key: KeyObject
  readonly #salt: Buffer
  readonly #ssrc: number
  readonly #buffer: ReusedBuffer
  readonly #send: SendDatagram
  readonly #iv = Buffer.alloc(IV_BYTES)

  constructor({ encryption, salt }: SessionKeys, ssrc: number, buffer: ReusedBuffer, send: SendDatagram) {
    this.#key = createSecretKey(encryption)
    this.#salt = salt
    this.#ssrc = ssrc
    this.#buffer = buffer
    this.#send = send
  }

  send(fields: RtpFields, payload: Buffer): void {
    const headerBytes = headerBytesOf(fields)
    const datagram = this.#buffer.first(headerBytes + payload.length + TAG_BYTES)
    writeHeader(datagram, 0, fields)
    const cipher = createCipheriv('aes-128-gcm', this.#key, this.#ivOf(fields))
    cipher.setAAD(datagram.subarray(0, headerBytes))
    const encrypted = cipher.update(payload)
    cipher.final()
    datagram.set(encrypted, headerBytes)
    datagram.set(cipher.getAuthTag(), headerBytes + payload.length)
    detachBuffer(encrypted)
    this.#send(datagram)
  }

  /** RFC 7714 section 8.1 */
  #ivOf({ rollover, sequence }: RtpFields): Buffer {
    const iv = this.#iv
    iv.writeUInt16BE(0, 0)
    iv.writeUInt32BE(this.#ssrc, 2)
    iv.writeUInt32BE(rollover, 6)
    iv.writeUInt16BE(sequence, 10)
    for (let i = 0; i < IV_BYTES; i++) iv[i]! ^= this.#salt[i]!
    return iv
  }
}
