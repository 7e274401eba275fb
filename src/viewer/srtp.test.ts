import { randomBytes } from 'node:crypto'
import { SrtpSession } from 'werift'
import { expect, test } from 'vitest'
import { rtpPacket } from '../../test/helpers/rtp.js'
import { wordsOf } from '../rtp/packet.js'
import { HEADER_BYTES, SrtpProtector } from './srtp.js'

/** RFC 3711 appendix B.3. */
const masterKey = Buffer.from('E1F97A0D3E018BE0D64FA32C06DE4139', 'hex')
const masterSalt = Buffer.from('0EC675AD498AFEEBB6960B3AABE6', 'hex')
const SSRC = 0xcafebabe

const lend = (protector: SrtpProtector, rtp: Buffer, index: number): Buffer => {
  const payload = rtp.subarray(HEADER_BYTES)
  protector.header.set(rtp.subarray(0, HEADER_BYTES))
  return protector.protect({ payload, words: wordsOf(payload) }, index)
}
const protect = (protector: SrtpProtector, rtp: Buffer, index: number): Buffer =>
  Buffer.from(lend(protector, rtp, index))

const receiver = (key = masterKey, salt = masterSalt): SrtpSession =>
  new SrtpSession({
    profile: 1,
    keys: {
      localMasterKey: randomBytes(16),
      localMasterSalt: randomBytes(14),
      remoteMasterKey: key,
      remoteMasterSalt: salt,
    },
  })

test('a known packet is protected as libsrtp protects it', () => {
  // The test packet of libsrtp's srtp_driver (srtp_validate): same master key and salt as RFC 3711 appendix B.3.
  const plain = Buffer.from('800f1234decafbadcafebabe' + 'ab'.repeat(16), 'hex')
  const cipher = '800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb'
  expect(protect(new SrtpProtector(masterKey, masterSalt, SSRC), plain, 0x1234).toString('hex')).toBe(cipher)
})

test('what is protected is decrypted by an independent receiver, whatever key, length and order', () => {
  for (let round = 0; round < 40; round++) {
    const [key, salt] = [randomBytes(16), randomBytes(14)]
    const protector = new SrtpProtector(key, salt, SSRC)
    const session = receiver(key, salt)
    for (let i = 0; i < 40; i++) {
      const length = round === 0 ? 1200 - i : 1 + ((round * 31 + i * 97) % 1480)
      const sequence = 65500 + i * (1 + (round % 3))
      const rtp = rtpPacket({ sequence, ssrc: SSRC, payload: randomBytes(length) })
      expect(session.decrypt(protect(protector, rtp, sequence)).equals(rtp)).toBe(true)
    }
  }
})

test('a packet that is protected late is the same as if it had been in time', () => {
  const packets = [7, 8, 9].map((sequence) =>
    rtpPacket({ sequence, ssrc: SSRC, payload: Buffer.alloc(100, sequence) }),
  )
  const protectAll = (order: number[]): Map<number, string> => {
    const protector = new SrtpProtector(masterKey, masterSalt, SSRC)
    return new Map(order.map((i) => [i, protect(protector, packets[i]!, 7 + i).toString('hex')]))
  }
  const [inOrder, late] = [protectAll([0, 1, 2]), protectAll([2, 0, 1])]
  for (const i of [0, 1, 2]) expect(late.get(i)).toBe(inOrder.get(i))
})

test('a packet larger than any before is protected like every other, and shares no keystream', () => {
  const protector = new SrtpProtector(masterKey, masterSalt, SSRC)
  const session = receiver()
  const zeros = [1200, 1460, 1460, 8000, 60_000].map((length, sequence) =>
    rtpPacket({ sequence, ssrc: SSRC, payload: Buffer.alloc(length) }),
  )
  const blocks = new Set<string>()
  for (const [sequence, rtp] of zeros.entries()) {
    const datagram = protect(protector, rtp, sequence)
    for (let at = HEADER_BYTES; at + 16 <= rtp.length; at += 16)
      blocks.add(datagram.toString('hex', at, at + 16))
    expect(session.decrypt(datagram).equals(rtp)).toBe(true)
  }
  expect(blocks.size).toBe(zeros.reduce((sum, rtp) => sum + ((rtp.length - HEADER_BYTES) >> 4), 0))
})

test('a forsaken packet is not overwritten by a later one', () => {
  const protector = new SrtpProtector(masterKey, masterSalt, SSRC)
  const rtp = (sequence: number): Buffer =>
    rtpPacket({ sequence, ssrc: SSRC, payload: Buffer.alloc(1200, sequence) })
  const kept = lend(protector, rtp(1), 1)
  const copy = Buffer.from(kept)
  protector.forsake()
  const session = receiver()
  for (let i = 2; i < 300; i++)
    expect(session.decrypt(protect(protector, rtp(i), i)).equals(rtp(i))).toBe(true)
  expect(kept.equals(copy)).toBe(true)
})
