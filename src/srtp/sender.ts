import type { RtpFields } from './rtp-header.js'
import { AEAD_AES_128_GCM, type SrtpKeys } from './profile.js'
import { AUTHENTICATION_KEY_BYTES, deriveSessionKeys } from './key-derivation.js'
import type { ProtectedStream, SendDatagram, SrtpBatch } from './stream.js'

/** Protects and sends one viewer's packets, each stream with its own keys. */
export class SrtpSender {
  readonly #keys: SrtpKeys
  readonly #send: SendDatagram
  readonly #batch: SrtpBatch
  readonly #streams = new Map<number, ProtectedStream>()
  /** The stream of the last packet: nearly always that of the next one. */
  #stream: ProtectedStream | undefined
  #ssrc = 0

  constructor(keys: SrtpKeys, batch: SrtpBatch, send: SendDatagram) {
    this.#keys = keys
    this.#batch = batch
    this.#send = send
  }

  /** HOT: once per packet and viewer. The packet may wait until `flush`. */
  sendRtp(fields: RtpFields, payload: Buffer): void {
    this.#streamOf(fields.ssrc).send(fields, payload)
  }

  /** HOT: also sends packets of other viewers. */
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
