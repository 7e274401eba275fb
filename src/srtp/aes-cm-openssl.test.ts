import { randomBytes, randomInt } from 'node:crypto'
import { expect, test } from 'vitest'
import type { RtpFields } from './rtp-header.js'
import { OpenSslBatch } from './openssl-batch.js'
import type { SessionKeys } from './key-derivation.js'
import { SimdBatch } from './simd/simd-batch.js'
import type { ProtectedStream, SrtpBatch } from './stream.js'

const MAX_PAYLOAD_BYTES = 1500
const PACKETS = 400

const randomKeys = (): SessionKeys => ({
  encryption: randomBytes(16),
  authentication: randomBytes(20),
  salt: randomBytes(14),
})

/** A stream and the packets that it sent. */
function streamOf(batch: SrtpBatch, keys: SessionKeys, ssrc: number): ProtectedStream & { sent: Buffer[] } {
  const sent: Buffer[] = []
  const stream = batch.openAesCm(keys, ssrc, (datagram) => sent.push(Buffer.from(datagram)) > 0)
  return { sent, send: (fields, payload) => stream.send(fields, payload) }
}

/** Random fields of the packet with an index; every fourth packet has a header extension. */
const fieldsOf = (index: number, ssrc: number): RtpFields => ({
  payloadType: randomInt(128),
  marker: randomInt(2) === 1,
  sequence: index & 0xffff,
  rollover: Math.floor(index / 0x10000),
  timestamp: randomInt(2 ** 32),
  ssrc,
  extension: randomInt(4) === 0 ? randomBytes(4 * randomInt(1, 8)) : undefined,
})

test.each([
  ['no rollover', 'openssl', 1000],
  ['the first rollover', 'openssl', 0xffff - PACKETS / 2],
  ['a late rollover', 'openssl', 0x1_0000_0000 - PACKETS / 2],
  ['a rollover counter of 32 bits', 'openssl', 0xffff_ffff_0000],
  ['a rollover', 'simd', 0xffff - PACKETS / 2],
  ['a rollover counter of 32 bits', 'simd', 0xffff_ffff_0000],
] as const)(
  'SIMD and OpenSSL make the same datagrams of random packets: %s, AES by %s',
  (_, aes, firstIndex) => {
    const [simd, openssl] = [new SimdBatch(undefined, aes), new OpenSslBatch()]
    const pairs = Array.from({ length: 3 }, () => {
      const [keys, ssrc] = [randomKeys(), randomInt(2 ** 32)]
      return { ssrc, simd: streamOf(simd, keys, ssrc), openssl: streamOf(openssl, keys, ssrc) }
    })
    for (let i = 0; i < PACKETS; i++) {
      const payload = randomBytes(randomInt(MAX_PAYLOAD_BYTES + 1))
      for (const pair of pairs) {
        const fields = fieldsOf(firstIndex + i, pair.ssrc)
        pair.simd.send(fields, payload)
        pair.openssl.send(fields, payload)
      }
    }
    simd.flush()
    for (const pair of pairs) {
      expect(pair.openssl.sent.length).toBe(PACKETS)
      expect(Buffer.concat(pair.simd.sent).equals(Buffer.concat(pair.openssl.sent))).toBe(true)
    }
  },
)

test('OpenSSL sends each packet at once', () => {
  const stream = streamOf(new OpenSslBatch(), randomKeys(), 1)
  stream.send(fieldsOf(0, 1), randomBytes(100))
  expect(stream.sent.length).toBe(1)
})
