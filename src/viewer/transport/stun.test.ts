import { expect, test } from 'vitest'
import {
  BINDING_REQUEST,
  connectivityCheck,
  PRIORITY,
  uint32,
  USERNAME,
  writeStun,
} from '../../../test/support/viewer-stun.js'
import { isStun, localUfragOf } from './stun.js'

const check = connectivityCheck({ to: 'ours', from: 'theirs', password: 'secret' })

test('a STUN message is recognised by its first byte, its length and its magic cookie', () => {
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

test('our user fragment is the first half of USERNAME, at any position', () => {
  expect(localUfragOf(check)).toBe('ours')
  const username: [number, Buffer] = [USERNAME, Buffer.from('a+/b:c')]
  for (const padding of [0, 1, 2, 3, 4]) {
    const attributes: [number, Buffer][] = [[0x8022, Buffer.alloc(padding)], [PRIORITY, uint32(1)], username]
    expect(localUfragOf(writeStun({ type: BINDING_REQUEST, attributes }))).toBe('a+/b')
  }
})

test('there is no fragment without USERNAME or if an attribute exceeds the datagram', () => {
  expect(localUfragOf(writeStun({ type: BINDING_REQUEST }))).toBeUndefined()
  for (let length = 20; length < check.length; length++) {
    const found = localUfragOf(check.subarray(0, length))
    expect(found === undefined || found === 'ours').toBe(true)
  }
  const tooLong = Buffer.from(check)
  tooLong.writeUInt16BE(0xffff, 22)
  expect(localUfragOf(tooLong)).toBeUndefined()
})

test('a message longer than a packet or with data after its FINGERPRINT is rejected', () => {
  const padded = (bytes: number): Buffer =>
    connectivityCheck({ to: 'ours', attributes: [[0x8022, Buffer.alloc(bytes - check.length)]] })
  expect([padded(1400), padded(1600)].map(isStun)).toEqual([true, false])
  const fingerprint = check.subarray(-8)
  expect(isStun(Buffer.concat([check, fingerprint]))).toBe(false)
  expect(isStun(Buffer.concat([check, Buffer.from([0x80, 0x22, 0, 0])]))).toBe(false)
  expect(isStun(check.subarray(0, -8))).toBe(true)
})
