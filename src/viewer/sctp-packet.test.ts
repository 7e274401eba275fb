import { expect, test } from 'vitest'
import { DATA, HEARTBEAT, readSctp, typeLengthValues, writeSctp } from './sctp-packet.js'

const ports = { sourcePort: 5000, destinationPort: 6000, verificationTag: 0xfedcba98 }

test.each([0, 1, 2, 3, 4, 1024])('a packet with a chunk of %i bytes reads as it was written', (length) => {
  const chunk = { type: HEARTBEAT, flags: 3, value: Buffer.alloc(length, 7) }
  const packet = writeSctp(ports, chunk)
  expect(packet.length % 4).toBe(0)
  expect(readSctp(packet)).toEqual({ ...ports, chunks: [chunk] })
})

test('of a packet, no bit can be another, and none of its bytes be missing', () => {
  const packet = writeSctp(ports, { type: DATA, flags: 3, value: Buffer.from('some data') })
  for (let at = 0; at < packet.length; at++) {
    const damaged = Buffer.from(packet)
    damaged[at]! ^= 0x10
    expect(readSctp(damaged)).toBeUndefined()
    expect(readSctp(packet.subarray(0, at))).toBeUndefined()
  }
  expect(readSctp(writeSctp(ports, { type: DATA, flags: 3, value: Buffer.alloc(1500) }))).toBeUndefined()
})

test.each([
  ['shorter than its header', [1, 0, 0, 3]],
  ['of nothing, which would never end', [1, 0, 0, 0]],
  ['that reaches beyond the end', [1, 0, 0, 9, 0, 0, 0, 0]],
  ['without its own end', [1, 0, 0]],
])('a length %s is refused', (_what, bytes) => expect(typeLengthValues(Buffer.from(bytes))).toBeUndefined())

test('the last value may come without its padding', () =>
  expect(typeLengthValues(Buffer.from([0, 7, 0, 5, 9]))).toEqual([{ head: 7, value: Buffer.from([9]) }]))
