import type { RtpFields } from './rtp-header.js'
import type { SessionKeys } from './key-derivation.js'

/** @returns whether the memory may be reused at once: false while the datagram is queued. */
export type SendDatagram = (datagram: Buffer) => boolean

export interface ProtectedStream {
  /** HOT: @param payload not modified, also not by the caller: it is cached by identity. */
  send(fields: RtpFields, payload: Buffer): void
}

/** `simd` is WebAssembly, `openssl` is node:crypto. */
export type SrtpImplementation = 'simd' | 'openssl'

/** What encrypts the keystream of `simd`: OpenSSL with the processor's AES instructions, or WebAssembly where it has none. */
export type AesImplementation = 'openssl' | 'simd'

/** Shared by all viewers. A packet may wait until `flush`, to be protected together with packets of other viewers. */
export interface SrtpBatch {
  readonly implementation: SrtpImplementation
  /** AES_CM_128_HMAC_SHA1_80. @param keys with a salt of 14 bytes. */
  openAesCm(keys: SessionKeys, ssrc: number, send: SendDatagram): ProtectedStream
  /** AEAD_AES_128_GCM. @param keys with a salt of 12 bytes. */
  openAesGcm(keys: SessionKeys, ssrc: number, send: SendDatagram): ProtectedStream
  /** HOT */
  flush(): void
}
