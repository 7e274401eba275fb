import { randomBytes } from 'node:crypto'
import { RtpPacket, SrtpSession } from 'werift'
import { expect, test } from 'vitest'
import { rtpPacket } from '../../test/support/rtp.js'
import { AES128_CM_HMAC_SHA1_80 } from './profile.js'
import { SrtpSender } from './sender.js'
import { OpenSslBatch } from './openssl-batch.js'
import { SimdBatch } from './simd/simd-batch.js'
import type { SendDatagram, SrtpBatch } from './stream.js'

const keys = {
  profile: AES128_CM_HMAC_SHA1_80,
  masterKey: randomBytes(16),
  masterSalt: randomBytes(14),
} as const
const fields = {
  payloadType: 96,
  marker: true,
  timestamp: 0xfedcba98,
  ssrc: 0xcafebabe,
  extension: undefined,
}
const rtp = (sequence: number, length: number): Buffer =>
  rtpPacket({ ...fields, sequence, payload: Buffer.alloc(length, sequence) })

const openSender = (send: SendDatagram, batch: SrtpBatch = new SimdBatch()): SrtpSender =>
  new SrtpSender(keys, batch, send)

const openReceiver = (): SrtpSession =>
  new SrtpSession({
    profile: 1,
    keys: {
      localMasterKey: keys.masterKey,
      localMasterSalt: keys.masterSalt,
      remoteMasterKey: keys.masterKey,
      remoteMasterSalt: keys.masterSalt,
    },
  })

test.each([
  ['SIMD', SimdBatch],
  ['OpenSSL', OpenSslBatch],
])('datagrams share memory, which has to be copied: %s', (_, Batch) => {
  const memories = new Set<ArrayBufferLike>()
  const copies: Buffer[] = []
  const sender = openSender((datagram) => {
    memories.add(datagram.buffer)
    copies.push(Buffer.from(datagram))
  }, new Batch())
  for (let i = 0; i < 8; i++) {
    const payload = Buffer.alloc(100 + i, 0xfffc + i)
    const extended = 0xfffc + i
    sender.sendRtp({ ...fields, sequence: extended & 0xffff, rollover: extended >> 16 }, payload)
  }
  sender.flush()
  const session = openReceiver()
  for (const [i, datagram] of copies.entries())
    expect(session.decrypt(datagram)).toEqual(rtp(0xfffc + i, 100 + i))
  expect([copies.length, memories.size]).toEqual([8, 1])
})

test('a header extension is between header and payload, in its packet only', () => {
  const extension = Buffer.from('bede0001' + '22000000', 'hex')
  const sent: Buffer[] = []
  const sender = openSender((datagram) => sent.push(Buffer.from(datagram)) > 0)
  const payload = Buffer.from('a payload of odd length')
  for (const [sequence, carried] of [undefined, extension, undefined].entries())
    sender.sendRtp({ ...fields, sequence, rollover: 0, extension: carried }, payload)
  sender.flush()
  const session = openReceiver()
  const packets = sent.map((datagram) => RtpPacket.deSerialize(session.decrypt(datagram)))
  expect(packets.map(({ header }) => header.extensions)).toEqual([
    [],
    [{ id: 2, payload: Buffer.from([0, 0, 0]) }],
    [],
  ])
  for (const packet of packets) expect(packet.payload).toEqual(payload)
})
