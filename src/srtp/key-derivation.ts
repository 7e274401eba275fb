import { createCipheriv, createSecretKey } from 'node:crypto'

/** RFC 3711 section 4.3.2 */
const LABEL_ENCRYPTION = 0
const LABEL_AUTHENTICATION = 1
const LABEL_SALT = 2
const BLOCK_BYTES = 16
/** RFC 3711 section 8.2 */
export const AUTHENTICATION_KEY_BYTES = 20

export interface SessionKeys {
  encryption: Buffer
  authentication: Buffer
  salt: Buffer
}

/**
 * RFC 3711 section 4.3, for AES-GCM RFC 7714 section 11, with a key derivation rate of 0.
 * @param authenticationBytes 0 for AES-GCM.
 */
export function deriveSessionKeys(
  masterKey: Buffer,
  masterSalt: Buffer,
  authenticationBytes: number,
): SessionKeys {
  const master = createSecretKey(masterKey)
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
