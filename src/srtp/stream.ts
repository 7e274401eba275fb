import type { RtpFields } from './rtp-header.js'
import type { SessionKeys } from './key-derivation.js'
import type { SrtpProfile } from './profile.js'

/** HOT: copies the datagram, whose memory is reused at once. */
export type SendDatagram = (datagram: Buffer) => void

export interface ProtectedStream {
  /** HOT: @param payload not modified, also not by the caller: it is cached by identity. */
  send(fields: RtpFields, payload: Buffer): void
}

/** `simd` is WebAssembly, `openssl` is node:crypto. */
export type SrtpImplementation = 'simd' | 'openssl'

/** What encrypts the keystream of `simd`: OpenSSL with the processor's AES instructions, or WebAssembly where it has none. */
export type AesImplementation = 'openssl' | 'simd'

/** CPU time in microseconds. */
export interface SrtpCosts {
  /** Of a protected packet, before V8 has compiled everything. AES_CM with AES by OpenSSL. */
  aesCm: number
  aesGcm: number
  /** Of the keystream of a packet alone; undefined without SIMD. */
  openssl?: number
  simd?: number
}

export interface SrtpChoice {
  implementation: SrtpImplementation
  aes: AesImplementation
  /** In order of preference. */
  profiles: readonly SrtpProfile[]
  /** Undefined before they are measured. */
  costs?: SrtpCosts
}

/** Shared by all viewers. A packet may wait until `flush`, to be protected together with packets of other viewers. */
export interface SrtpBatch {
  readonly implementation: SrtpImplementation
  /** To offer to clients, in order of preference. */
  readonly profiles: readonly SrtpProfile[]
  /** AES_CM_128_HMAC_SHA1_80. @param keys with a salt of 14 bytes. */
  openAesCm(keys: SessionKeys, ssrc: number, send: SendDatagram): ProtectedStream
  /** AEAD_AES_128_GCM. @param keys with a salt of 12 bytes. */
  openAesGcm(keys: SessionKeys, ssrc: number, send: SendDatagram): ProtectedStream
  /** HOT */
  flush(): void
}
