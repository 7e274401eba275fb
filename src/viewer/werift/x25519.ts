import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto'
import nacl from 'tweetnacl'

/**
 * Gives werift's handshakes the X25519 of OpenSSL (RFC 7748) in the place of one in JavaScript. That takes a millisecond when it is
 * hot, but a viewer comes once in a while, and by then its code has been thrown away: then it takes forty, on a Raspberry Pi a
 * fifth of a second, in which no packet of anybody's is sent.
 */
export function patchTweetnaclX25519(): void {
  nacl.box.keyPair = Object.assign(keyPair, nacl.box.keyPair)
  nacl.scalarMult = Object.assign(scalarMult, nacl.scalarMult)
}

let calls = 0
/** How many key pairs werift has made with OpenSSL: none when it has a copy of tweetnacl of its own. */
export const nativeCurveCalls = (): number => calls

/** Of the pairs that were made here, by the memory of the secret: importing it anew takes as long as the rest together. */
const privateKeys = new WeakMap<ArrayBufferLike, KeyObject>()

function keyPair(): nacl.BoxKeyPair {
  calls++
  const { publicKey, privateKey } = generateKeyPairSync('x25519')
  const secretKey = rawOf(privateKey, 'd')
  privateKeys.set(secretKey.buffer, privateKey)
  return { publicKey: rawOf(publicKey, 'x'), secretKey }
}

/** @throws Error where the result would be zero: such a point gives the secret away (RFC 7748 section 6.1). */
function scalarMult(secret: Uint8Array, point: Uint8Array): Uint8Array {
  const privateKey = privateKeys.get(secret.buffer) ?? imported(secret)
  const publicKey = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, point]), format: 'der', type: 'spki' })
  return diffieHellman({ privateKey, publicKey })
}

const imported = (secret: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, secret]), format: 'der', type: 'pkcs8' })

/** What stands before the 32 bytes of a key (RFC 8410 sections 4 and 7). */
const SPKI_PREFIX = Uint8Array.of(0x30, 42, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 3, 33, 0)
const PKCS8_PREFIX = Uint8Array.of(0x30, 46, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 34, 4, 32)

/** In memory of its own, which werift takes as a whole. */
const rawOf = (key: KeyObject, part: 'x' | 'd'): Uint8Array =>
  Uint8Array.from(Buffer.from(key.export({ format: 'jwk' })[part]!, 'base64url'))
