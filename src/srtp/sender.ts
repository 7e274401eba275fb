import { AesCmStream, AUTHENTICATION_KEY_BYTES } from './aes-cm.js'
import { AesGcmStream } from './aes-gcm.js'
import type { RtpFields } from './header.js'
import type { SrtpLanes } from './lanes.js'
import { AEAD_AES_128_GCM, type SrtpKeys } from './profile.js'
import { deriveSessionKeys } from './session-keys.js'

/**
 * Sends a datagram, or drops it.
 * @returns whether its memory may be written again at once; it may not while it waits there to be sent.
 */
export type SendDatagram = (datagram: Buffer) => boolean

/** Protects the packets of one stream and sends them. */
export interface ProtectedStream {
  /** HOT: @param payload plain, only read, and the same for as long as it is the same object. */
  send(fields: RtpFields, payload: Buffer): void
}

/** Protects and sends what one viewer gets; one protection per stream. */
export class SrtpSender {
  readonly #keys: SrtpKeys
  readonly #send: SendDatagram
  readonly #lanes: SrtpLanes
  readonly #streams = new Map<number, ProtectedStream>()
  /** Of which the last packet was, as the next one nearly always is. */
  #stream: ProtectedStream | undefined
  #ssrc = 0

  /** @param lanes shared with others: what waits in them together is protected together. */
  constructor(keys: SrtpKeys, lanes: SrtpLanes, send: SendDatagram) {
    this.#keys = keys
    this.#lanes = lanes
    this.#send = send
  }

  /** HOT: once per packet and viewer. The packet may wait for others until `flush`. */
  sendRtp(fields: RtpFields, payload: Buffer): void {
    this.#streamOf(fields.ssrc).send(fields, payload)
  }

  /** HOT: sends what waits, that of others as well. */
  flush(): void {
    this.#lanes.flush()
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
      return new AesGcmStream(
        deriveSessionKeys(masterKey, masterSalt, 0),
        ssrc,
        this.#lanes.buffer,
        this.#send,
      )
    const keys = deriveSessionKeys(masterKey, masterSalt, AUTHENTICATION_KEY_BYTES)
    return new AesCmStream(keys, ssrc, this.#lanes, this.#send)
  }
}
