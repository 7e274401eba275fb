import { createCipheriv, createSecretKey } from 'node:crypto'

/** Labels of the key derivation (RFC 3711 section 4.3.2). */
const LABEL_ENCRYPTION = 0
const LABEL_AUTHENTICATION = 1
const LABEL_SALT = 2
const BLOCK_BYTES = 16
/** RFC 3711 section 8.2: the HMAC's key is as long as its hash. */
export const AUTHENTICATION_KEY_BYTES = 20

export interface SessionKeys {
  encryption: Buffer
  authentication: Buffer
  salt: Buffer
}

/**
 * The session keys of a master key and salt (RFC 3711 section 4.3, for AES-GCM with RFC 7714 section 11); the key derivation
 * rate is 0, as DTLS-SRTP has it.
 * @param masterSalt 14 bytes, or 12; the session salt is as long.
 * @param authenticationBytes how long the authentication key has to be; 0 where the cipher authenticates.
 */
export function deriveSessionKeys(
  masterKey: Buffer,
  masterSalt: Buffer,
  authenticationBytes: number,
): SessionKeys {
  const master = createSecretKey(masterKey)
  /** AES in counter mode over the salt, with the label in byte 7. */
  const derive = (label: number, bytes: number): Buffer => {
    const iv = Buffer.alloc(BLOCK_BYTES)
    masterSalt.copy(iv)
    iv[7]! ^= label
    return createCipheriv('aes-128-ctr', master, iv).update(Buffer.alloc(bytes))
  }
  return {
    encryption: derive(LABEL_ENCRYPTION, masterKey.length),
    authentication: derive(LABEL_AUTHENTICATION, authenticationBytes),
    salt: derive(LABEL_SALT, masterSalt.length),
  }
}
