/** RFC 5764 section 4.1.2. The first choice: its keystream can be made ahead, so it costs less, and every browser has it. */
export const AES128_CM_HMAC_SHA1_80 = 1
/** RFC 3711 section 5.2: 80 of the 160 bits of HMAC-SHA1. */
export const AES_CM_TAG_BYTES = 10
/** RFC 7714 section 14.2: for clients that take nothing older. */
export const AEAD_AES_128_GCM = 7

export type SrtpProfile = typeof AES128_CM_HMAC_SHA1_80 | typeof AEAD_AES_128_GCM

/** The preferred one first: a DTLS server selects the first that the client has too. */
export const SRTP_PROFILES: SrtpProfile[] = [AES128_CM_HMAC_SHA1_80, AEAD_AES_128_GCM]

/** The keys of our direction, as DTLS exported them (RFC 5764 section 4.2). */
export interface SrtpKeys {
  profile: SrtpProfile
  /** 16 bytes. */
  masterKey: Buffer
  /** 14 bytes, 12 for AEAD_AES_128_GCM. */
  masterSalt: Buffer
}
