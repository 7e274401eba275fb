/** RFC 5764 section 4.1.2. Usually preferred: its keystream can be generated ahead, and every browser supports it. */
export const AES128_CM_HMAC_SHA1_80 = 1
/** RFC 3711 section 5.2: 80 of the 160 bits of HMAC-SHA1. */
export const AES_CM_TAG_BYTES = 10
/** RFC 7714 section 14.2: for clients without AES_CM, or where it costs less. */
export const AEAD_AES_128_GCM = 7

export type SrtpProfile = typeof AES128_CM_HMAC_SHA1_80 | typeof AEAD_AES_128_GCM

/** In the usual order of preference. */
export const SRTP_PROFILES: readonly SrtpProfile[] = [AES128_CM_HMAC_SHA1_80, AEAD_AES_128_GCM]

/** The keys to send with (RFC 5764 section 4.2). */
export interface SrtpKeys {
  profile: SrtpProfile
  masterKey: Buffer
  /** 14 bytes, 12 for AES-GCM. */
  masterSalt: Buffer
}
