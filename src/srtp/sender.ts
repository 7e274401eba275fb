import type { RtpFields } from './rtp-header.js'
import { AEAD_AES_128_GCM, type SrtpKeys } from './profile.js'
import { AUTHENTICATION_KEY_BYTES, deriveSessionKeys } from './key-derivation.js'
import type { ProtectedStream, SendDatagram, SrtpBatch } from './stream.js'

/** Protects and sends what one viewer gets; one protection per stream. */
export class SrtpSender {
  readonly #keys: SrtpKeys
  readonly #send: SendDatagram
  readonly #batch: SrtpBatch
  readonly #streams = new Map<number, ProtectedStream>()
  /** Of which the last packet was, as the next one nearly always is. */
  #stream: ProtectedStream | undefined
  #ssrc = 0

  /** @param batch shared with other viewers: it protects their packets together. */
  constructor(keys: SrtpKeys, batch: SrtpBatch, send: SendDatagram) {
    this.#keys = keys
    this.#batch = batch
    this.#send = send
  }

  /** HOT: once per packet and viewer. The packet may wait for others until `flush`. */
  sendRtp(fields: RtpFields, payload: Buffer): void {
    this.#streamOf(fields.ssrc).send(fields, payload)
  }

  /** HOT: sends what waits, that of others as well. */
  flush(): void {
    this.#batch.flush()
  }

  #streamOf(ssrc: number): ProtectedStream {
    if (this.#stream !== undefined && this.#ssrc === ssrc) return this.#stream
    const stream = this.#streams.get(ssrc) ?? this.#open(ssrc)
    this.#streams.set(ssrc, stream)
    this.#ssrc = ssrc
    return (this.#stream = stream)
  }

  #open(ssrc: number): ProtectedStream {
    const { profile, masterKey, masterSalt } = this.#keys
    if (profile === AEAD_AES_128_GCM)
      return this.#batch.openAesGcm(deriveSessionKeys(masterKey, masterSalt, 0), ssrc, this.#send)
    const keys = deriveSessionKeys(masterKey, masterSalt, AUTHENTICATION_KEY_BYTES)
    return this.#batch.openAesCm(keys, ssrc, this.#send)
  }
}
