import { expect, test } from 'vitest'
import { rtpPacket } from '../../test/support/rtp.js'
import { isRtcp, isRtp, payloadOf } from './packet.js'

test('contributing sources, a header extension and padding are not payload', () => {
  const plain = rtpPacket({ sequence: 1, payload: Buffer.alloc(0) })
  plain[0] = 0x80 | 0x20 | 0x10 | 1
  const csrc = Buffer.alloc(4)
  const extension = Buffer.from([0xbe, 0xde, 0, 1, 0x10, 0xff, 0, 0])
  const padded = Buffer.concat([plain, csrc, extension, Buffer.from('picture'), Buffer.from([0, 0, 3])])
  expect(payloadOf(padded)?.toString()).toBe('picture')
})

test.each<[string, (rtp: Buffer) => Buffer]>([
  ['more padding than packet', (rtp) => Buffer.concat([mark(rtp, 0x20), Buffer.from([255])])],
  [
    'an extension longer than the packet',
    (rtp) => Buffer.concat([mark(rtp, 0x10), Buffer.from([0xbe, 0xde, 0xff, 0xff])]),
  ],
  ['a truncated extension', (rtp) => Buffer.concat([mark(rtp, 0x10), Buffer.from([0xbe])])],
  ['only a header', (rtp) => rtp],
])('a packet with %s has no payload', (_title, make) => {
  expect(payloadOf(make(rtpPacket({ sequence: 1, payload: Buffer.alloc(0) })))).toBeUndefined()
})

test('RTCP on the RTP port is not mistaken for RTP', () => {
  const senderReport = Buffer.alloc(28)
  senderReport[0] = 0x80
  senderReport[1] = 200
  expect([isRtcp(senderReport), isRtp(senderReport)]).toEqual([true, false])
  expect([
    isRtcp(rtpPacket({ sequence: 1, marker: true })),
    isRtp(rtpPacket({ sequence: 1, marker: true })),
  ]).toEqual([false, true])
})

test.each([Buffer.alloc(0), Buffer.alloc(11, 0x80), Buffer.from('GET / HTTP/1.1\r\n')])(
  '%s is not RTP',
  (datagram) => expect(isRtp(datagram)).toBe(false),
)

function mark(rtp: Buffer, flag: number): Buffer {
  rtp[0]! |= flag
  return rtp
}
