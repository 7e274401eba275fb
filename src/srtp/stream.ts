import type { RtpFields } from './rtp-header.js'
import type { SessionKeys } from './key-derivation.js'

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

/** What encrypts and authenticates packets: `simd` is WebAssembly, `openssl` is node:crypto. */
export type SrtpImplementation = 'simd' | 'openssl'

/** Opens the protected streams of many viewers; a packet may wait until `flush` for those of other viewers. */
export interface SrtpBatch {
  readonly implementation: SrtpImplementation
  /** AES_CM_128_HMAC_SHA1_80. @param keys with a salt of 14 bytes. @param ssrc of the one stream that this protects. */
  openAesCm(keys: SessionKeys, ssrc: number, send: SendDatagram): ProtectedStream
  /** AEAD_AES_128_GCM. @param keys with a salt of 12 bytes. @param ssrc of the one stream that this protects. */
  openAesGcm(keys: SessionKeys, ssrc: number, send: SendDatagram): ProtectedStream
  /** HOT: sends every packet that waits. */
  flush(): void
}
