import { createCipheriv, randomBytes } from 'node:crypto'
import { SrtpSession } from 'werift'
import { describe, expect, test } from 'vitest'
import { rtpPacket } from '../../test/support/rtp.js'
import { AesGcmStream } from './aes-gcm.js'
import type { RtpFields } from './rtp-header.js'
import { SimdModule } from './simd/module.js'
import { openCounterCipher } from './simd/counter-cipher.js'
import { Keystream } from './simd/keystream.js'
import { OpenSslBatch } from './openssl-batch.js'
import { ReusedBuffer } from '../lib/reused-buffer.js'
import { AEAD_AES_128_GCM, AES128_CM_HMAC_SHA1_80, type SrtpKeys } from './profile.js'
import { SrtpSender } from './sender.js'
import { deriveSessionKeys } from './key-derivation.js'
import { SimdBatch } from './simd/simd-batch.js'
import type { AesImplementation, SrtpBatch } from './stream.js'

const HEADER_BYTES = 12
const SSRC = 0xcafebabe
/** RFC 3711 appendix B.3. */
const masterKey = Buffer.from('E1F97A0D3E018BE0D64FA32C06DE4139', 'hex')
const masterSalt = Buffer.from('0EC675AD498AFEEBB6960B3AABE6', 'hex')
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

/** The fields of a packet without extension. @param index extended sequence number. */
const fieldsOf = (rtp: Buffer, index: number): RtpFields => ({
  payloadType: rtp[1]! & 0x7f,
  marker: (rtp[1]! & 0x80) !== 0,
  sequence: index & 0xffff,
  rollover: Math.floor(index / 0x10000),
  timestamp: rtp.readUInt32BE(4),
  ssrc: rtp.readUInt32BE(8),
  extension: undefined,
})

interface Viewer {
  protect: (rtp: Buffer, index: number) => void
  flush: () => void
  sent: Buffer[]
  session: SrtpSession
}

function viewerWith(keys: SrtpKeys, batch: SrtpBatch = new SimdBatch()): Viewer {
  const sent: Buffer[] = []
  const sender = new SrtpSender(keys, batch, (datagram) => sent.push(Buffer.from(datagram)) > 0)
  return {
    protect: (rtp, index) => sender.sendRtp(fieldsOf(rtp, index), rtp.subarray(HEADER_BYTES)),
    flush: () => sender.flush(),
    sent,
    session: receiverOf(keys),
  }
}

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

function keystreamOf(aes: AesImplementation, key: Buffer): Keystream {
  const module = new SimdModule()
  return new Keystream(module, openCounterCipher(aes, module, key), hex('F0F1F2F3F4F5F6F7F8F9FAFBFCFD'), 0)
}

/** With AES in WebAssembly. */
class SimdAesBatch extends SimdBatch {
  constructor() {
    super(undefined, 'simd')
  }
}

describe('test vectors', () => {
  test('session keys are derived as RFC 3711 appendix B.3 says', () => {
    const keys = deriveSessionKeys(masterKey, masterSalt, 20)
    expect(keys.encryption).toEqual(hex('C61E7A93744F39EE10734AFE3FF7A087'))
    expect(keys.salt).toEqual(hex('30CBBC08863D8C85D49DB34A9AE1'))
    expect(keys.authentication).toEqual(hex('CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4'))
  })

  test.each(['openssl', 'simd'] as const)(
    'the keystream is that of RFC 3711 appendix B.2, AES by %s',
    (aes) => {
      const keystream = keystreamOf(aes, hex('2B7E151628AED2A6ABF7158809CF4F3C'))
      expect(keystream.of(0, 48).subarray(0, 48)).toEqual(
        hex(
          `E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB 41E95B3BB0A2E8DD477901E4FCA894C0`,
        ),
      )
    },
  )

  test.each(['openssl', 'simd'] as const)(
    'the last blocks of the longest keystream have the right numbers, AES by %s',
    (aes) => {
      const key = hex('2B7E151628AED2A6ABF7158809CF4F3C')
      const keystream = keystreamOf(aes, key)
      const blocks = createCipheriv('aes-128-ctr', key, hex('F0F1F2F3F4F5F6F7F8F9FAFBFCFD0EFF')).update(
        Buffer.alloc(48),
      )
      expect(keystream.of(0, 0x1000 * 16).subarray(0x0eff * 16, 0x0f02 * 16)).toEqual(blocks)
    },
  )

  test.each([
    ['WebAssembly SIMD', SimdBatch],
    ['WebAssembly SIMD, also for AES,', SimdAesBatch],
    ['OpenSSL', OpenSslBatch],
  ])('%s protects a packet with AES_CM as libsrtp protects it', (_, Batch) => {
    // The test packet of libsrtp's srtp_driver (srtp_validate): same master key and salt as RFC 3711 appendix B.3.
    const plain = hex('800f1234decafbadcafebabe' + 'ab'.repeat(16))
    const viewer = viewerWith({ profile: AES128_CM_HMAC_SHA1_80, masterKey, masterSalt }, new Batch())
    viewer.protect(plain, 0x1234)
    viewer.flush()
    expect(viewer.sent.map((datagram) => datagram.toString('hex'))).toEqual([
      '800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb',
    ])
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
    const sent: Buffer[] = []
    const stream = new AesGcmStream(
      keys,
      0x5501a0b2,
      new ReusedBuffer(),
      (datagram) => sent.push(datagram) > 0,
    )
    stream.send(fieldsOf(plain, 0xf17b), plain.subarray(HEADER_BYTES))
    expect(sent).toEqual([
      hex(
        '8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a 51c7d19b 36de3adf 8833 899d7f27 beb16a91 52cf765e e4390cce',
      ),
    ])
  })
})

describe.each([
  ['AES_CM_128_HMAC_SHA1_80, SIMD', AES128_CM_HMAC_SHA1_80, SimdBatch],
  ['AES_CM_128_HMAC_SHA1_80, SIMD, also for AES', AES128_CM_HMAC_SHA1_80, SimdAesBatch],
  ['AES_CM_128_HMAC_SHA1_80, OpenSSL', AES128_CM_HMAC_SHA1_80, OpenSslBatch],
  ['AEAD_AES_128_GCM', AEAD_AES_128_GCM, SimdBatch],
] as const)('%s', (_, profile, Batch) => {
  test('an independent receiver decrypts packets of any key, length and order', () => {
    for (let round = 0; round < 10; round++) {
      const viewer = viewerWith(randomKeys(profile), new Batch())
      const packets = Array.from({ length: 40 }, (_, i) => {
        const length = round === 0 ? 1200 - i : 1 + ((round * 31 + i * 97) % 1480)
        const sequence = 65500 + i * (1 + (round % 3)) // the rollover counter goes up within each round
        return rtpPacket({ sequence, ssrc: SSRC, payload: randomBytes(length) })
      })
      for (const [i, rtp] of packets.entries()) viewer.protect(rtp, 65500 + i * (1 + (round % 3)))
      viewer.flush()
      expect(viewer.sent.map((datagram) => viewer.session.decrypt(datagram))).toEqual(packets)
    }
  })

  test.each([1, 2, 3, 4, 5, 8])('the streams of %i viewers do not touch each other', (count) => {
    const batch = new Batch()
    const viewers = Array.from({ length: count }, () => viewerWith(randomKeys(profile), batch))
    for (let sequence = 0; sequence < 40; sequence++) {
      const rtp = rtpPacket({ sequence, ssrc: SSRC, payload: randomBytes(sequence % 7 === 6 ? 80 : 1100) })
      for (const { protect } of viewers) protect(rtp, sequence)
      viewers[0]!.flush()
      for (const { sent, session } of viewers) expect(session.decrypt(sent.at(-1)!)).toEqual(rtp)
    }
  })

  test('packets of different lengths and viewers keep their order', () => {
    const batch = new Batch()
    const order: number[] = []
    const senders = [0, 1, 2].map(
      (viewer) => new SrtpSender(randomKeys(profile), batch, () => order.push(viewer) > 0),
    )
    const turns = [0, 1, 1, 2, 0, 0, 2, 1, 2, 2]
    for (const [index, viewer] of turns.entries()) {
      const rtp = rtpPacket({ sequence: index, ssrc: SSRC, payload: Buffer.alloc(100 + (index >> 1)) })
      senders[viewer]!.sendRtp(fieldsOf(rtp, index), rtp.subarray(HEADER_BYTES))
    }
    senders[0]!.flush()
    expect(order).toEqual(turns)
  })

  test('a packet that is protected late is identical', () => {
    const keys = randomKeys(profile)
    const packets = [7, 8, 9].map((sequence) =>
      rtpPacket({ sequence, ssrc: SSRC, payload: Buffer.alloc(100, sequence) }),
    )
    const protectAll = (order: number[]): Map<number, string> => {
      const viewer = viewerWith(keys, new Batch())
      for (const i of order) viewer.protect(packets[i]!, 7 + i)
      viewer.flush()
      return new Map(order.map((i, at) => [i, viewer.sent[at]!.toString('hex')]))
    }
    const [inOrder, late] = [protectAll([0, 1, 2]), protectAll([2, 0, 1])]
    for (const i of [0, 1, 2]) expect(late.get(i)).toBe(inOrder.get(i))
  })

  test('a packet larger than any before is protected, and shares no keystream', () => {
    const viewer = viewerWith(randomKeys(profile), new Batch())
    const zeros = [1200, 1460, 1460, 8000, 65_495].map((length, sequence) =>
      rtpPacket({ sequence, ssrc: SSRC, payload: Buffer.alloc(length) }),
    )
    for (const [sequence, rtp] of zeros.entries()) viewer.protect(rtp, sequence)
    viewer.flush()
    const blocks = new Set<string>()
    for (const [sequence, rtp] of zeros.entries()) {
      const datagram = viewer.sent[sequence]!
      for (let at = HEADER_BYTES; at + 16 <= rtp.length; at += 16)
        blocks.add(datagram.toString('hex', at, at + 16))
      expect(viewer.session.decrypt(datagram).equals(rtp)).toBe(true)
    }
    expect(blocks.size).toBe(zeros.reduce((sum, rtp) => sum + ((rtp.length - HEADER_BYTES) >> 4), 0))
  })
})
