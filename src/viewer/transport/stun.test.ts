import { expect, test } from 'vitest'
import {
  BINDING_ERROR,
  BINDING_REQUEST,
  BINDING_SUCCESS,
  connectivityCheck,
  errorCode,
  PRIORITY,
  uint32,
  USERNAME,
  writeStun,
} from '../../../test/support/viewer-stun.js'
import { isBindingError, isBindingRequest, isStun, localUfragOf, transactionIdOf } from './stun.js'

const check = connectivityCheck({ to: 'ours', from: 'theirs', password: 'secret' })

test('a STUN message is told by its first byte, its length and its cookie', () => {
  expect(isStun(check)).toBe(true)
  expect(isStun(check.subarray(0, 19))).toBe(false)
  expect(isStun(Buffer.from('').subarray(0))).toBe(false)
  const other = Buffer.from(check)
  other[4] = 0
  expect(isStun(other)).toBe(false)
  const dtls = Buffer.from(check)
  dtls[0] = 22
  expect(isStun(dtls)).toBe(false)
})

test('requests, answers and errors are told apart', () => {
  const error = writeStun({ type: BINDING_ERROR, attributes: [errorCode(401)] })
  expect([check, writeStun({ type: BINDING_SUCCESS }), error].map(isBindingRequest)).toEqual([
    true,
    false,
    false,
  ])
  expect([check, writeStun({ type: BINDING_SUCCESS }), error].map(isBindingError)).toEqual([
    false,
    false,
    true,
  ])
})

test('an answer has the transaction id of its request', () => {
  const answer = writeStun({ type: BINDING_SUCCESS, transactionId: check.subarray(8, 20) })
  expect(transactionIdOf(answer)).toBe(transactionIdOf(check))
  expect(transactionIdOf(answer).length).toBe(12)
  expect(transactionIdOf(connectivityCheck({ to: 'ours' }))).not.toBe(transactionIdOf(check))
})

test('our user fragment is the first half of USERNAME, wherever that attribute stands', () => {
  expect(localUfragOf(check)).toBe('ours')
  const username: [number, Buffer] = [USERNAME, Buffer.from('a+/b:c')]
  for (const padding of [0, 1, 2, 3, 4]) {
    const attributes: [number, Buffer][] = [[0x8022, Buffer.alloc(padding)], [PRIORITY, uint32(1)], username]
    expect(localUfragOf(writeStun({ type: BINDING_REQUEST, attributes }))).toBe('a+/b')
  }
})

test('where there is no USERNAME, or an attribute runs past the datagram, there is no fragment', () => {
  expect(localUfragOf(writeStun({ type: BINDING_REQUEST }))).toBeUndefined()
  for (let length = 20; length < check.length; length++) {
    const found = localUfragOf(check.subarray(0, length))
    expect(found === undefined || found === 'ours').toBe(true)
  }
  const lying = Buffer.from(check)
  lying.writeUInt16BE(0xffff, 22)
  expect(localUfragOf(lying)).toBeUndefined()
})

test('a message that is longer than a packet, or goes on after its FINGERPRINT, is none', () => {
  const padded = (bytes: number): Buffer =>
    connectivityCheck({ to: 'ours', attributes: [[0x8022, Buffer.alloc(bytes - check.length)]] })
  expect([padded(1400), padded(1600)].map(isStun)).toEqual([true, false])
  const fingerprint = check.subarray(-8)
  expect(isStun(Buffer.concat([check, fingerprint]))).toBe(false)
  expect(isStun(Buffer.concat([check, Buffer.from([0x80, 0x22, 0, 0])]))).toBe(false)
  expect(isStun(check.subarray(0, -8))).toBe(true)
})
