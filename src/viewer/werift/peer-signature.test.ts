import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { expect, test } from 'vitest'
import { createIdentity } from '../../../test/support/viewer-client.js'
import type { DtlsState } from './internals.js'
import { verifyPeerSignature } from './peer-signature.js'

const ECDSA_SHA256 = 0x0403
const ECDSA_SHA1 = 0x0203
const RSA_SHA256 = 0x0401
const share = Buffer.from('the key share of the client')

/** The server's record of a handshake that `key` signed. */
async function handshake(change: { key?: KeyObject | string; scheme?: number } = {}): Promise<DtlsState> {
  const identity = await createIdentity()
  const { key = identity.keyPem, scheme = ECDSA_SHA256 } = change
  const message = (msg_type: number, fragment: Buffer) => ({
    msg_type,
    fragment,
    serialize: () => Buffer.concat([Buffer.from([msg_type]), fragment]),
  })
  const messages = [
    message(1, Buffer.from('client hello')),
    message(2, Buffer.from('server hello')),
    message(16, Buffer.concat([Buffer.from([share.length]), share])),
  ]
  const transcript = Buffer.concat(messages.map((each) => each.serialize()))
  const signature = sign(scheme === ECDSA_SHA1 ? 'sha1' : 'sha256', transcript, key)
  const head = Buffer.alloc(4)
  head.writeUInt16BE(scheme, 0)
  head.writeUInt16BE(signature.length, 2)
  messages.push(message(15, Buffer.concat([head, signature])))
  const der = Buffer.from(identity.certPem.replace(/-----.*-----|\s/g, ''), 'base64')
  return {
    cipher: {
      remoteCertificate: der,
      remoteKeyPair: { publicKey: share },
      decryptPacket: () => Buffer.alloc(0),
    },
    dtls: { flight: 6, sortedHandshakeCache: messages },
  }
}

test('a client that signed the handshake with the key of its certificate is accepted', async () => {
  const state = await handshake()
  expect(() => verifyPeerSignature(state)).not.toThrow()
})

test('a signature of another key is rejected', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const state = await handshake({ key: privateKey })
  expect(() => verifyPeerSignature(state)).toThrow('does not have the private key')
})

test('a signature over another handshake is rejected', async () => {
  const state = await handshake()
  state.dtls.sortedHandshakeCache[0]!.serialize = () => Buffer.from('another hello')
  expect(() => verifyPeerSignature(state)).toThrow('does not have the private key')
})

test.each([
  ['SHA-1', ECDSA_SHA1],
  ['a scheme of another kind of key', RSA_SHA256],
  ['RSA-PSS with a key that is not RSA', 0x0804],
  ['a scheme that does not exist', 0x0909],
])('a signature with %s is rejected', async (_what, scheme) => {
  const state = await handshake({ scheme })
  expect(() => verifyPeerSignature(state)).toThrow('does not have the private key')
})

test('a key share other than the signed one is rejected', async () => {
  const state = await handshake()
  state.cipher.remoteKeyPair.publicKey = Buffer.from('the share of a man in the middle')
  expect(() => verifyPeerSignature(state)).toThrow('key share differs')
})

test.each([
  ['no certificate', (state: DtlsState) => delete state.cipher.remoteCertificate],
  ['no signature', (state: DtlsState) => state.dtls.sortedHandshakeCache.pop()],
  ['no key share', (state: DtlsState) => state.dtls.sortedHandshakeCache.splice(2, 1)],
])('a handshake with %s is rejected', async (_what, remove) => {
  const state = await handshake()
  remove(state)
  expect(() => verifyPeerSignature(state)).toThrow('has no proof of identity')
})

test('a truncated signature is rejected', async () => {
  const state = await handshake()
  const proof = state.dtls.sortedHandshakeCache[3]!
  for (const length of [0, 3, 4, proof.fragment.length - 1]) {
    const cut = { ...proof, fragment: proof.fragment.subarray(0, length) }
    state.dtls.sortedHandshakeCache[3] = cut
    expect(() => verifyPeerSignature(state)).toThrow('truncated')
  }
})
