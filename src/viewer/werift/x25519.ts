import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto'
import nacl from 'tweetnacl'

/**
 * Replaces tweetnacl's X25519 (RFC 7748) with that of OpenSSL. In JavaScript it takes 1 ms if V8 has optimised it, but 40 ms if not,
 * on a Raspberry Pi 200 ms, and blocks all viewers.
 */
export function patchTweetnaclX25519(): void {
  nacl.box.keyPair = Object.assign(keyPair, nacl.box.keyPair)
  nacl.scalarMult = Object.assign(scalarMult, nacl.scalarMult)
}

let calls = 0
/** 0 if werift uses another copy of tweetnacl. */
export const x25519Calls = (): number => calls

/** By the memory of the secret: importing a key takes as long as the rest of the handshake. */
const privateKeys = new WeakMap<ArrayBufferLike, KeyObject>()

function keyPair(): nacl.BoxKeyPair {
  calls++
  const { publicKey, privateKey } = generateKeyPairSync('x25519')
  const secretKey = rawOf(privateKey, 'd')
  privateKeys.set(secretKey.buffer, privateKey)
  return { publicKey: rawOf(publicKey, 'x'), secretKey }
}

/** @throws Error if the result is zero (RFC 7748 section 6.1). */
function scalarMult(secret: Uint8Array, point: Uint8Array): Uint8Array {
  const privateKey = privateKeys.get(secret.buffer) ?? imported(secret)
  const publicKey = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, point]), format: 'der', type: 'spki' })
  return diffieHellman({ privateKey, publicKey })
}

const imported = (secret: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, secret]), format: 'der', type: 'pkcs8' })

/** RFC 8410 sections 4 and 7: DER before the 32 bytes of a key. */
const SPKI_PREFIX = Uint8Array.of(0x30, 42, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 3, 33, 0)
const PKCS8_PREFIX = Uint8Array.of(0x30, 46, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 34, 4, 32)

/** In its own memory: werift uses the whole ArrayBuffer. */
const rawOf = (key: KeyObject, part: 'x' | 'd'): Uint8Array =>
  Uint8Array.from(Buffer.from(key.export({ format: 'jwk' })[part]!, 'base64url'))
