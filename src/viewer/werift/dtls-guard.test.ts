import { expect, test } from 'vitest'
import { dtlsRecord, handshakeRecord, plaintextAlert } from '../../../test/support/viewer-client.js'
import { DtlsGuard } from './dtls-guard.js'
import type { DtlsState } from './internals.js'

const CHANGE_CIPHER_SPEC = dtlsRecord(20, Buffer.from([1]))
const hello = handshakeRecord({ type: 1, length: 4, fragment: Buffer.from('helo') })
const finished = dtlsRecord(22, Buffer.alloc(40), { epoch: 1 })
const passed = (guard: DtlsGuard, datagram: Buffer): Buffer[] => guard.filter(datagram).pass

test('before the handshake is done, only handshake records pass', () => {
  const guard = new DtlsGuard()
  for (const record of [hello, CHANGE_CIPHER_SPEC, finished]) expect(passed(guard, record)).toEqual([record])
  for (const type of [0, 19, 21, 23, 24, 25, 63, 255])
    expect(guard.filter(dtlsRecord(type, Buffer.from([1, 0])))).toEqual({ pass: [], closed: false })
  expect(guard.dropped).toBe(8)
})

test('each record of a datagram is filtered by itself', () => {
  const guard = new DtlsGuard()
  const datagram = Buffer.concat([hello, plaintextAlert(0), CHANGE_CIPHER_SPEC, hello.subarray(0, 20)])
  expect(passed(guard, datagram)).toEqual([hello, CHANGE_CIPHER_SPEC])
  expect(guard.dropped).toBe(1)
})

test.each([
  ['claims 16 MB', { type: 1, length: 0xffffff, fragment: Buffer.from([1]) }],
  ['claims just more than a handshake needs', { type: 1, length: 16 * 1024 + 1, fragment: Buffer.from([1]) }],
  ['exceeds its message', { type: 1, length: 10, offset: 8, fragment: Buffer.alloc(4) }],
])('a fragment that %s does not pass', (_what, fields) => {
  const guard = new DtlsGuard()
  expect(passed(guard, handshakeRecord(fields))).toEqual([])
  expect(guard.dropped).toBe(1)
})

test('a second message in a record has the same limits', () => {
  const guard = new DtlsGuard()
  const claims = handshakeRecord({ type: 1, length: 0xffffff, fragment: Buffer.from([1]) }).subarray(13)
  expect(passed(guard, dtlsRecord(22, Buffer.concat([hello.subarray(13), claims])))).toEqual([])
  expect(passed(guard, dtlsRecord(22, Buffer.concat([hello.subarray(13), Buffer.alloc(5)])))).toEqual([])
  expect(passed(guard, dtlsRecord(22, Buffer.concat([hello.subarray(13), hello.subarray(13)]))).length).toBe(
    1,
  )
})

test('of thousands of tiny messages, only as many pass as a handshake needs', () => {
  const guard = new DtlsGuard()
  const tiny = handshakeRecord({ type: 20, length: 0, fragment: Buffer.alloc(0) })
  expect(passed(guard, Buffer.alloc(tiny.length * 2000, tiny)).length).toBe(128)
  const crowded = new DtlsGuard()
  const inOneRecord = (count: number) => dtlsRecord(22, Buffer.alloc(count * 12, tiny.subarray(13)))
  expect(passed(crowded, inOneRecord(100)).length).toBe(1)
  expect(passed(crowded, inOneRecord(50))).toEqual([])
})

test('a fragment that ends a long message costs as much as the whole message', () => {
  const guard = new DtlsGuard()
  const end = handshakeRecord({ type: 11, length: 16_000, offset: 15_999, fragment: Buffer.alloc(1) })
  expect(passed(guard, Buffer.alloc(end.length * 100, end)).length).toBe(4)
})

test('of thousands of fragments that never complete a message, few pass', () => {
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

test('after the handshake, only authentic records count', () => {
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

test('a client, whose flight was not the last, needs no handshake record after the handshake', () => {
  const guard = new DtlsGuard()
  guard.establish(
    decrypting(() => Buffer.from([1, 0])),
    false,
  )
  const genuine = (type: number): Buffer => dtlsRecord(type, Buffer.from('genuine'), { epoch: 1 })
  expect(guard.filter(genuine(22))).toEqual({ pass: [], closed: false })
  expect(guard.filter(genuine(21))).toEqual({ pass: [], closed: true })
})

test('application data never reaches werift, authentic or not', () => {
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
])('an authentic alert, %s %j: closed is %s', (_what, alert, closed) => {
  const guard = new DtlsGuard()
  guard.establish(decrypting(() => Buffer.from(alert)))
  expect(guard.filter(dtlsRecord(21, Buffer.from('sealed'), { epoch: 1 }))).toEqual({ pass: [], closed })
})

function decrypting(plain: (text: string) => Buffer | undefined): DtlsState {
  const decryptPacket: DtlsState['cipher']['decryptPacket'] = (record) => {
    const found = plain(record.fragment.toString())
    if (found === undefined) throw new Error('cannot be decrypted')
    return found
  }
  return { cipher: { remoteKeyPair: {}, decryptPacket }, dtls: { flight: 4, sortedHandshakeCache: [] } }
}
