import nacl from 'tweetnacl'
import { expect, test } from 'vitest'
import { patchTweetnaclX25519 } from './x25519.js'

const inJavaScript = { keyPair: nacl.box.keyPair, scalarMult: nacl.scalarMult }
patchTweetnaclX25519()

test('a key pair of OpenSSL is one of X25519, in memory of its own', () => {
  const { publicKey, secretKey } = nacl.box.keyPair()
  expect(inJavaScript.scalarMult.base(secretKey)).toEqual(publicKey)
  expect([publicKey.buffer.byteLength, secretKey.buffer.byteLength]).toEqual([32, 32])
})

test('both ways come to the same secret', () => {
  const [ours, theirs] = [nacl.box.keyPair(), inJavaScript.keyPair()]
  const secret = nacl.scalarMult(ours.secretKey, theirs.publicKey)
  expect(Uint8Array.from(secret)).toEqual(inJavaScript.scalarMult(theirs.secretKey, ours.publicKey))
  expect(nacl.scalarMult).not.toBe(inJavaScript.scalarMult)
})

test('the vector of RFC 7748 section 6.1', () => {
  const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))
  expect(Buffer.from(nacl.scalarMult(bytes(ALICE), bytes(BOB))).toString('hex')).toBe(SECRET)
})

test('a point that gives the secret away is refused', () => {
  const { secretKey } = nacl.box.keyPair()
  expect(() => nacl.scalarMult(secretKey, new Uint8Array(32))).toThrow()
})

const ALICE = '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a'
const BOB = 'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f'
const SECRET = '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742'
