import { randomBytes } from 'node:crypto'
import { SrtpSession } from 'werift'
import { describe, expect, test } from 'vitest'
import { rtpPacket } from '../../test/helpers/rtp.js'
import { wordsOf } from '../rtp/packet.js'
import { Keystream } from './keystream.js'
import { KEY_PAD_BYTES, PacketBuffer } from './packet-buffer.js'
import { AesGcmProtector } from './srtp-aes-gcm.js'
import { deriveSessionKeys } from './srtp-keys.js'
import {
  AEAD_AES_128_GCM,
  AES128_CM_HMAC_SHA1_80,
  createProtector,
  type SrtpKeys,
  type SrtpProtector,
} from './srtp.js'

const HEADER_BYTES = 12
const SSRC = 0xcafebabe
/** RFC 3711 appendix B.3. */
const masterKey = Buffer.from('E1F97A0D3E018BE0D64FA32C06DE4139', 'hex')
const masterSalt = Buffer.from('0EC675AD498AFEEBB6960B3AABE6', 'hex')
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

/** Lent: valid until the next packet is made in the same buffer. */
function lend(buffer: PacketBuffer, protector: SrtpProtector, rtp: Buffer, index: number): Buffer {
  const payload = rtp.subarray(HEADER_BYTES)
  buffer.reserve(payload.length + 128)
  buffer.bytes.set(rtp.subarray(0, HEADER_BYTES), KEY_PAD_BYTES)
  return protector.protect(buffer, HEADER_BYTES, { payload, words: wordsOf(payload) }, index)
}
const buffer = new PacketBuffer()
const protect = (protector: SrtpProtector, rtp: Buffer, index: number): Buffer =>
  Buffer.from(lend(buffer, protector, rtp, index))

const randomKeys = (profile: SrtpKeys['profile']): SrtpKeys => ({
  profile,
  masterKey: randomBytes(16),
  masterSalt: randomBytes(profile === AEAD_AES_128_GCM ? 12 : 14),
})

const receiverOf = ({ profile, masterKey, masterSalt }: SrtpKeys): SrtpSession =>
  new SrtpSession({
    profile,
    keys: {
      localMasterKey: randomBytes(16),
      localMasterSalt: randomBytes(masterSalt.length),
      remoteMasterKey: masterKey,
      remoteMasterSalt: masterSalt,
    },
  })

describe('test vectors', () => {
  test('session keys are derived as RFC 3711 appendix B.3 says', () => {
    const keys = deriveSessionKeys(masterKey, masterSalt, 20)
    expect(keys.encryption).toEqual(hex('C61E7A93744F39EE10734AFE3FF7A087'))
    expect(keys.salt).toEqual(hex('30CBBC08863D8C85D49DB34A9AE1'))
    expect(keys.authentication).toEqual(hex('CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4'))
  })

  test('the keystream is that of RFC 3711 appendix B.2', () => {
    const key = hex('2B7E151628AED2A6ABF7158809CF4F3C')
    const keystream = new Keystream(key, hex('F0F1F2F3F4F5F6F7F8F9FAFBFCFD'), 0)
    const at = keystream.positionOf(0, 48)
    expect(keystream.bytes.subarray(at, at + 48)).toEqual(
      hex(
        `E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB 41E95B3BB0A2E8DD477901E4FCA894C0`,
      ),
    )
  })

  test('a packet is protected with AES_CM as libsrtp protects it', () => {
    // The test packet of libsrtp's srtp_driver (srtp_validate): same master key and salt as RFC 3711 appendix B.3.
    const plain = hex('800f1234decafbadcafebabe' + 'ab'.repeat(16))
    const protector = createProtector({ profile: AES128_CM_HMAC_SHA1_80, masterKey, masterSalt }, SSRC)
    expect(protect(protector, plain, 0x1234).toString('hex')).toBe(
      '800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb',
    )
  })

  test('a packet is protected with AES-GCM as RFC 7714 section 16.1.1 says', () => {
    const plain = hex(
      '8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976 69736120 696e2070 61727465 73207472 6573',
    )
    const keys = {
      encryption: hex('000102030405060708090a0b0c0d0e0f'),
      authentication: Buffer.alloc(0),
      salt: hex('517569642070726f2071756f'),
    }
    expect(protect(new AesGcmProtector(keys, 0x5501a0b2), plain, 0xf17b)).toEqual(
      hex(
        '8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a 51c7d19b 36de3adf 8833 899d7f27 beb16a91 52cf765e e4390cce',
      ),
    )
  })
})

describe.each([
  ['AES_CM_128_HMAC_SHA1_80', AES128_CM_HMAC_SHA1_80],
  ['AEAD_AES_128_GCM', AEAD_AES_128_GCM],
] as const)('%s', (_, profile) => {
  test('what is protected is decrypted by an independent receiver, whatever key, length and order', () => {
    for (let round = 0; round < 40; round++) {
      const keys = randomKeys(profile)
      const protector = createProtector(keys, SSRC)
      const session = receiverOf(keys)
      for (let i = 0; i < 40; i++) {
        const length = round === 0 ? 1200 - i : 1 + ((round * 31 + i * 97) % 1480)
        const sequence = 65500 + i * (1 + (round % 3)) // the rollover counter goes up within each round
        const rtp = rtpPacket({ sequence, ssrc: SSRC, payload: randomBytes(length) })
        expect(session.decrypt(protect(protector, rtp, sequence)).equals(rtp)).toBe(true)
      }
    }
  })

  test('the streams of many viewers are made in one buffer without touching each other', () => {
    const viewers = Array.from({ length: 8 }, () => {
      const keys = randomKeys(profile)
      return { protector: createProtector(keys, SSRC), session: receiverOf(keys) }
    })
    for (let sequence = 0; sequence < 40; sequence++) {
      const rtp = rtpPacket({ sequence, ssrc: SSRC, payload: randomBytes(sequence % 7 === 6 ? 80 : 1100) })
      for (const { protector, session } of viewers)
        expect(session.decrypt(protect(protector, rtp, sequence)).equals(rtp)).toBe(true)
    }
  })

  test('a packet that is protected late is the same as if it had been in time', () => {
    const keys = randomKeys(profile)
    const packets = [7, 8, 9].map((sequence) =>
      rtpPacket({ sequence, ssrc: SSRC, payload: Buffer.alloc(100, sequence) }),
    )
    const protectAll = (order: number[]): Map<number, string> => {
      const protector = createProtector(keys, SSRC)
      return new Map(order.map((i) => [i, protect(protector, packets[i]!, 7 + i).toString('hex')]))
    }
    const [inOrder, late] = [protectAll([0, 1, 2]), protectAll([2, 0, 1])]
    for (const i of [0, 1, 2]) expect(late.get(i)).toBe(inOrder.get(i))
  })

  test('a packet larger than any before is protected like every other, and shares no keystream', () => {
    const keys = randomKeys(profile)
    const protector = createProtector(keys, SSRC)
    const session = receiverOf(keys)
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
    const keys = randomKeys(profile)
    const protector = createProtector(keys, SSRC)
    const own = new PacketBuffer()
    const rtp = (sequence: number): Buffer =>
      rtpPacket({ sequence, ssrc: SSRC, payload: Buffer.alloc(1200, sequence) })
    const kept = lend(own, protector, rtp(1), 1)
    const copy = Buffer.from(kept)
    own.forsake()
    const session = receiverOf(keys)
    for (let i = 2; i < 300; i++)
      expect(session.decrypt(lend(own, protector, rtp(i), i)).equals(rtp(i))).toBe(true)
    expect(kept.equals(copy)).toBe(true)
  })
})
