import { createCipheriv, createHmac, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { slicedKey } from './aes-key.js'
import { COUNTERS_AT, PAYLOAD_AT } from './memory-layout.js'
import { SimdModule } from './module.js'

const kernel = new SimdModule()
const lane = (i: number, from: number, to: number): Buffer =>
  kernel.bytes.subarray(kernel.laneAt[i]! + from, kernel.laneAt[i]! + to)

/** Lengths around the end of a SHA-1 block, for the padding. */
const LENGTHS = [...Array.from({ length: 200 }, (_, i) => 13 + i), 1170, 1255, 20_000, 65_535]

test('each lane is authenticated with its own key, with the result of node:crypto', () => {
  for (const bytes of LENGTHS) {
    const messages = kernel.laneAt.map(() => ({ key: randomBytes(20), message: randomBytes(bytes) }))
    for (const [i, { key, message }] of messages.entries()) {
      kernel.bytes.fill(0xee, kernel.laneAt[i], kernel.laneAt[i]! + bytes + 200)
      lane(i, 0, bytes).set(message)
      kernel.setKey(i, kernel.hmacKey(key))
    }
    kernel.authenticate(bytes)
    for (const [i, { key, message }] of messages.entries()) {
      const tag = createHmac('sha1', key).update(message).digest().subarray(0, 10)
      expect(lane(i, bytes - 4, bytes + 6)).toEqual(tag)
      expect(lane(i, 0, bytes - 4).equals(message.subarray(0, -4))).toBe(true)
    }
  }
})

test('keys of up to 64 bytes give the results of RFC 2202', () => {
  const message = Buffer.from('what do ya want for nothing?')
  lane(0, 0, message.length).set(message)
  kernel.setKey(0, kernel.hmacKey(Buffer.from('Jefe')))
  kernel.authenticate(message.length)
  const at = message.length - 4
  expect(lane(0, at, at + 10).toString('hex')).toBe('effcdf6ae5eb2fa2d274')
})

test('counter blocks are numbered in network order, and encrypt to AES counter mode', () => {
  const iv = Buffer.concat([randomBytes(14), Buffer.alloc(2)])
  const words = [0, 4, 8, 12].map((at) => iv.readInt32LE(at)) as [number, number, number, number]
  kernel.writeCounters(160, ...words, 300)
  const key = randomBytes(16)
  const blocks = kernel.bytes.subarray(COUNTERS_AT + 160, COUNTERS_AT + 160 + 300 * 16)
  const keystream = createCipheriv('aes-128-ctr', key, iv).update(Buffer.alloc(300 * 16))
  expect(createCipheriv('aes-128-ecb', key, null).update(blocks).equals(keystream)).toBe(true)
})

test('a block is encrypted as FIPS 197 appendix B says', () => {
  kernel.bytes.set(Buffer.from('3243f6a8885a308d313198a2e0370734', 'hex'), COUNTERS_AT)
  kernel.encryptCounters(slicedKey(Buffer.from('2b7e151628aed2a6abf7158809cf4f3c', 'hex')), 1)
  expect(kernel.bytes.toString('hex', COUNTERS_AT, COUNTERS_AT + 16)).toBe('3925841d02dc09fbdc118597196a0b32')
})

test.each([1, 7, 8, 9, 592, 4096])('%i blocks are encrypted as by OpenSSL, with any key', (blocks) => {
  for (let round = 0; round < 20; round++) {
    const [key, plain] = [randomBytes(16), randomBytes(blocks * 16)]
    const behind = kernel.bytes.readUInt32LE(PAYLOAD_AT)
    kernel.bytes.set(plain, COUNTERS_AT)
    kernel.encryptCounters(slicedKey(key), blocks)
    const expected = createCipheriv('aes-128-ecb', key, null).update(plain)
    expect(kernel.bytes.subarray(COUNTERS_AT, COUNTERS_AT + blocks * 16).equals(expected)).toBe(true)
    expect(kernel.bytes.readUInt32LE(PAYLOAD_AT)).toBe(behind)
  }
})

test.each([1, 15, 16, 17, 1158, 65_495])(
  '%i bytes of payload are encrypted from their first to their last',
  (bytes) => {
    const [payload, keystream] = [randomBytes(bytes), randomBytes(bytes)]
    kernel.bytes.set(payload, PAYLOAD_AT)
    lane(1, 12, 12 + bytes).set(keystream)
    kernel.xorPayload(kernel.laneAt[1]! + 12, bytes)
    const expected = Buffer.from(payload.map((byte, i) => byte ^ keystream[i]!))
    expect(lane(1, 12, 12 + bytes).equals(expected)).toBe(true)
  },
)

test('every module instance has its own memory', () => {
  const other = new SimdModule()
  kernel.bytes.fill(1, PAYLOAD_AT, PAYLOAD_AT + 10)
  other.bytes.fill(2, PAYLOAD_AT, PAYLOAD_AT + 10)
  expect(kernel.bytes[PAYLOAD_AT]).toBe(1)
})
