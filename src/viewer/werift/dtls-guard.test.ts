import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  createIdentity,
  dtlsRecord,
  handshakeRecord,
  plaintextAlert,
} from '../../../test/support/viewer-client.js'
import { DtlsGuard, verifyPeerSignature, type DtlsServerState } from './dtls-guard.js'

const CHANGE_CIPHER_SPEC = dtlsRecord(20, Buffer.from([1]))
const hello = handshakeRecord({ type: 1, length: 4, fragment: Buffer.from('helo') })
const finished = dtlsRecord(22, Buffer.alloc(40), { epoch: 1 })
const passed = (guard: DtlsGuard, datagram: Buffer): Buffer[] => guard.filter(datagram).pass

test('before the handshake is done, handshake records pass and nothing else', () => {
  const guard = new DtlsGuard()
  for (const record of [hello, CHANGE_CIPHER_SPEC, finished]) expect(passed(guard, record)).toEqual([record])
  for (const type of [0, 19, 21, 23, 24, 25, 63, 255])
    expect(guard.filter(dtlsRecord(type, Buffer.from([1, 0])))).toEqual({ pass: [], closed: false })
  expect(guard.dropped).toBe(8)
})

test('of a datagram with several records, each is judged by itself', () => {
  const guard = new DtlsGuard()
  const datagram = Buffer.concat([hello, plaintextAlert(0), CHANGE_CIPHER_SPEC, hello.subarray(0, 20)])
  expect(passed(guard, datagram)).toEqual([hello, CHANGE_CIPHER_SPEC])
  expect(guard.dropped).toBe(1)
})

test.each([
  ['claims 16 MB', { type: 1, length: 0xffffff, fragment: Buffer.from([1]) }],
  ['claims just more than a handshake needs', { type: 1, length: 16 * 1024 + 1, fragment: Buffer.from([1]) }],
  ['reaches beyond its message', { type: 1, length: 10, offset: 8, fragment: Buffer.alloc(4) }],
])('a fragment that %s does not pass', (_what, fields) => {
  const guard = new DtlsGuard()
  expect(passed(guard, handshakeRecord(fields))).toEqual([])
  expect(guard.dropped).toBe(1)
})

test('a second message in a record is held to the same', () => {
  const guard = new DtlsGuard()
  const claims = handshakeRecord({ type: 1, length: 0xffffff, fragment: Buffer.from([1]) }).subarray(13)
  expect(passed(guard, dtlsRecord(22, Buffer.concat([hello.subarray(13), claims])))).toEqual([])
  expect(passed(guard, dtlsRecord(22, Buffer.concat([hello.subarray(13), Buffer.alloc(5)])))).toEqual([])
  expect(passed(guard, dtlsRecord(22, Buffer.concat([hello.subarray(13), hello.subarray(13)]))).length).toBe(
    1,
  )
})

test('of thousands of tiny messages, no more pass than a handshake has', () => {
  const guard = new DtlsGuard()
  const tiny = handshakeRecord({ type: 20, length: 0, fragment: Buffer.alloc(0) })
  expect(passed(guard, Buffer.alloc(tiny.length * 2000, tiny)).length).toBe(128)
  const crowded = new DtlsGuard()
  const inOneRecord = (count: number) => dtlsRecord(22, Buffer.alloc(count * 12, tiny.subarray(13)))
  expect(passed(crowded, inOneRecord(100)).length).toBe(1)
  expect(passed(crowded, inOneRecord(50))).toEqual([])
})

test('fragments that end long messages pass as far as whole ones would', () => {
  const guard = new DtlsGuard()
  const end = handshakeRecord({ type: 11, length: 16_000, offset: 15_999, fragment: Buffer.alloc(1) })
  expect(passed(guard, Buffer.alloc(end.length * 100, end)).length).toBe(4)
})

test('of thousands of fragments that are never completed, a few pass', () => {
  const guard = new DtlsGuard()
  let bytes = 0
  for (let i = 0; i < 5000; i++) {
    const fragment = handshakeRecord({ type: 1, length: 1000, sequence: i, fragment: Buffer.alloc(500) })
    for (const record of passed(guard, fragment)) bytes += record.length
  }
  expect(bytes).toBeGreaterThan(32 * 1024)
  expect(bytes).toBeLessThanOrEqual(64 * 1024)
  expect(guard.dropped).toBeGreaterThan(4800)
})

test('after the handshake, only what decrypts counts', () => {
  const guard = new DtlsGuard()
  guard.establish(decrypting((text) => (text.startsWith('genuine') ? Buffer.from([1, 41]) : undefined)))
  const genuine = (type: number): Buffer => dtlsRecord(type, Buffer.from('genuine'), { epoch: 1 })
  expect(guard.filter(genuine(22))).toEqual({ pass: [genuine(22)], closed: false })
  expect(guard.filter(genuine(23))).toEqual({ pass: [], closed: false })
  expect(guard.dropped).toBe(0)
  for (const forged of [
    hello,
    CHANGE_CIPHER_SPEC,
    plaintextAlert(0),
    dtlsRecord(21, Buffer.from('genuine')),
    dtlsRecord(21, Buffer.from('forged'), { epoch: 1 }),
    dtlsRecord(99, Buffer.from('forged'), { epoch: 1 }),
  ])
    expect(guard.filter(forged)).toEqual({ pass: [], closed: false })
  expect(guard.dropped).toBe(6)
})

test('application data never reaches the library, authentic or not', () => {
  const guard = new DtlsGuard()
  const sealed = dtlsRecord(23, Buffer.from('sealed'), { epoch: 1 })
  expect(passed(guard, sealed)).toEqual([])
  guard.establish(decrypting((text) => (text === 'sealed' ? Buffer.from('plain') : undefined)))
  for (const record of [
    sealed,
    dtlsRecord(23, Buffer.from('sealed')),
    dtlsRecord(23, Buffer.from('forged'), { epoch: 1 }),
  ])
    expect(guard.filter(record)).toEqual({ pass: [], closed: false })
})

test.each([
  ['close_notify', [1, 0], true],
  ['a fatal alert', [2, 40], true],
  ['a warning', [1, 90], false],
])('%s that decrypts is a goodbye: %j %s', (_what, alert, closed) => {
  const guard = new DtlsGuard()
  guard.establish(decrypting(() => Buffer.from(alert)))
  expect(guard.filter(dtlsRecord(21, Buffer.from('sealed'), { epoch: 1 }))).toEqual({ pass: [], closed })
})

function decrypting(plain: (text: string) => Buffer | undefined): DtlsServerState {
  const decryptPacket: DtlsServerState['cipher']['decryptPacket'] = (record) => {
    const found = plain(record.fragment.toString())
    if (found === undefined) throw new Error('cannot be decrypted')
    return found
  }
  return { cipher: { remoteKeyPair: {}, decryptPacket }, dtls: { flight: 4, sortedHandshakeCache: [] } }
}

const ECDSA_SHA256 = 0x0403
const ECDSA_SHA1 = 0x0203
const RSA_SHA256 = 0x0401
const share = Buffer.from('the key share of the client')

/** A handshake as the server remembers it, signed by `key` for the certificate of `certPem`. */
async function handshake(
  change: { key?: KeyObject | string; scheme?: number } = {},
): Promise<DtlsServerState> {
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

test('a client that signed the handshake with the key of its certificate is believed', async () => {
  const state = await handshake()
  expect(() => verifyPeerSignature(state)).not.toThrow()
})

test('a signature of another key is not', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const state = await handshake({ key: privateKey })
  expect(() => verifyPeerSignature(state)).toThrow('does not hold the private key')
})

test('nor is one over another handshake', async () => {
  const state = await handshake()
  state.dtls.sortedHandshakeCache[0]!.serialize = () => Buffer.from('another hello')
  expect(() => verifyPeerSignature(state)).toThrow('does not hold the private key')
})

test.each([
  ['SHA-1', ECDSA_SHA1],
  ['a scheme of another kind of key', RSA_SHA256],
  ['RSA-PSS with a key that is not RSA', 0x0804],
  ['a scheme that does not exist', 0x0909],
])('nor is one with %s', async (_what, scheme) => {
  const state = await handshake({ scheme })
  expect(() => verifyPeerSignature(state)).toThrow('does not hold the private key')
})

test('a key share other than the signed one is noticed', async () => {
  const state = await handshake()
  state.cipher.remoteKeyPair.publicKey = Buffer.from('the share of a man in the middle')
  expect(() => verifyPeerSignature(state)).toThrow('key share differs')
})

test.each([
  ['no certificate', (state: DtlsServerState) => delete state.cipher.remoteCertificate],
  ['no signature', (state: DtlsServerState) => state.dtls.sortedHandshakeCache.pop()],
  ['no key share', (state: DtlsServerState) => state.dtls.sortedHandshakeCache.splice(2, 1)],
])('a handshake with %s proves nothing', async (_what, remove) => {
  const state = await handshake()
  remove(state)
  expect(() => verifyPeerSignature(state)).toThrow('the client proved nothing')
})

test('a signature that is cut short is refused', async () => {
  const state = await handshake()
  const proof = state.dtls.sortedHandshakeCache[3]!
  for (const length of [0, 3, 4, proof.fragment.length - 1]) {
    const cut = { ...proof, fragment: proof.fragment.subarray(0, length) }
    state.dtls.sortedHandshakeCache[3] = cut
    expect(() => verifyPeerSignature(state)).toThrow('cut short')
  }
})
