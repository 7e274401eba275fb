import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { expect, test } from 'vitest'
import { createIdentity } from '../../../test/support/viewer-client.js'
import type { DtlsState } from './internals.js'
import { verifyServerSignature } from './server-signature.js'

const X25519 = 29
const ECDSA_SHA256 = 0x0403
const ECDSA_SHA1 = 0x0203
const share = Buffer.alloc(32, 7)
const clientRandom = Buffer.alloc(32, 1)
const serverRandom = Buffer.alloc(32, 2)

/** The client's record of a handshake whose key share `key` signed. */
async function handshake(change: { key?: KeyObject | string; scheme?: number } = {}): Promise<DtlsState> {
  const identity = await createIdentity()
  const { key = identity.keyPem, scheme = ECDSA_SHA256 } = change
  const parameters = Buffer.concat([Buffer.from([3, 0, X25519, share.length]), share])
  const signed = Buffer.concat([clientRandom, serverRandom, parameters])
  const signature = sign(scheme === ECDSA_SHA1 ? 'sha1' : 'sha256', signed, key)
  const head = Buffer.alloc(4)
  head.writeUInt16BE(scheme, 0)
  head.writeUInt16BE(signature.length, 2)
  const fragment = Buffer.concat([parameters, head, signature])
  return {
    cipher: {
      remoteCertificate: Buffer.from(identity.certPem.replace(/-----.*-----|\s/g, ''), 'base64'),
      remoteKeyPair: { publicKey: share, curve: X25519 },
      localRandom: { serialize: () => clientRandom },
      remoteRandom: { serialize: () => serverRandom },
      decryptPacket: () => Buffer.alloc(0),
    },
    dtls: { flight: 7, sortedHandshakeCache: [{ msg_type: 12, fragment, serialize: () => fragment }] },
  }
}

test('a server that signed its key share with the key of its certificate is accepted', async () => {
  const state = await handshake()
  expect(() => verifyServerSignature(state)).not.toThrow()
})

test('a signature of another key is rejected', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const state = await handshake({ key: privateKey })
  expect(() => verifyServerSignature(state)).toThrow('does not have the private key')
})

test('a signature of another handshake is rejected', async () => {
  const state = await handshake()
  state.cipher.remoteRandom = { serialize: () => Buffer.alloc(32, 3) }
  expect(() => verifyServerSignature(state)).toThrow('does not have the private key')
})

test('SHA-1 is rejected', async () => {
  const state = await handshake({ scheme: ECDSA_SHA1 })
  expect(() => verifyServerSignature(state)).toThrow('does not have the private key')
})

test.each<[string, (state: DtlsState) => unknown]>([
  ['share', (state) => (state.cipher.remoteKeyPair.publicKey = Buffer.alloc(32, 9))],
  ['curve', (state) => (state.cipher.remoteKeyPair.curve = 23)],
])('a key %s other than the signed one is rejected', async (_what, change) => {
  const state = await handshake()
  change(state)
  expect(() => verifyServerSignature(state)).toThrow('key share differs')
})

test.each<[string, (state: DtlsState) => unknown]>([
  ['no certificate', (state) => delete state.cipher.remoteCertificate],
  ['no key exchange', (state) => state.dtls.sortedHandshakeCache.pop()],
  ['no random value', (state) => delete state.cipher.localRandom],
])('%s is no proof', async (_what, change) => {
  const state = await handshake()
  change(state)
  expect(() => verifyServerSignature(state)).toThrow('no proof of identity')
})

test.each([0, 1, 3, 5, 36, 39, 60])('the first %i bytes of the key exchange are rejected', async (length) => {
  const state = await handshake()
  const [message] = state.dtls.sortedHandshakeCache
  message!.fragment = message!.fragment.subarray(0, length)
  expect(() => verifyServerSignature(state)).toThrow(/malformed|truncated/)
})
