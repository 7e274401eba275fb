import type { PacketBuffer } from './packet-buffer.js'
import { AesCmProtector, AUTHENTICATION_KEY_BYTES } from './srtp-aes-cm.js'
import { AesGcmProtector } from './srtp-aes-gcm.js'
import { deriveSessionKeys } from './srtp-keys.js'

/** RFC 5764 section 4.1.2. The first choice: its keystream can be made ahead, so it costs less, and every browser has it. */
export const AES128_CM_HMAC_SHA1_80 = 1
/** RFC 7714 section 14.2: for clients that take nothing older. */
export const AEAD_AES_128_GCM = 7

export type SrtpProfile = typeof AES128_CM_HMAC_SHA1_80 | typeof AEAD_AES_128_GCM

/** The keys of our direction, as DTLS exported them (RFC 5764 section 4.2). */
export interface SrtpKeys {
  profile: SrtpProfile
  /** 16 bytes. */
  masterKey: Buffer
  /** 14 bytes, 12 for AEAD_AES_128_GCM. */
  masterSalt: Buffer
}

/** What is encrypted: shared by all viewers, so only read. */
export interface ProtectedPayload {
  readonly payload: Buffer
  /** The whole words of it, in the machine's order. */
  readonly words: Uint32Array
}

/** Protects the packets of one stream. */
export interface SrtpProtector {
  /**
   * HOT: encrypts and authenticates the packet whose header stands in the buffer.
   * @param headerBytes the length of that header, whole words.
   * @param index 2^16 x rollover counter + sequence number (RFC 3711 section 3.3.1).
   * @returns header, encrypted payload and tag, in the buffer's memory.
   */
  protect(buffer: PacketBuffer, headerBytes: number, media: ProtectedPayload, index: number): Buffer
}

/** @param ssrc of the one stream that is protected. */
export const createProtector = ({ profile, masterKey, masterSalt }: SrtpKeys, ssrc: number): SrtpProtector =>
  profile === AEAD_AES_128_GCM
    ? new AesGcmProtector(deriveSessionKeys(masterKey, masterSalt, 0), ssrc)
    : new AesCmProtector(deriveSessionKeys(masterKey, masterSalt, AUTHENTICATION_KEY_BYTES), ssrc)
