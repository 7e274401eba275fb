import { expect, test } from 'vitest'
import { rtpPacket, vp8Continuation, vp8Delta, vp8Key } from '../../test/support/rtp.js'
import { carriesKeyframe, isRtcp, isRtp, payloadOf } from './packet.js'

test.each<[string, Buffer, boolean]>([
  ['the first packet of a VP8 keyframe', vp8Key, true],
  ['a continuation of a VP8 keyframe', vp8Continuation, false],
  ['the first packet of a VP8 delta frame', vp8Delta, false],
  ['a VP8 keyframe without any extension', Buffer.from([0x10, 0x10, 0x02]), true],
  ['a VP8 keyframe with all extensions', Buffer.from([0x90, 0xf0, 0x80, 0x01, 0x07, 0x20, 0x10]), true],
  ['a VP8 descriptor with nothing behind it', Buffer.from([0x90, 0x80, 0x80]), false],
])('%s', (_title, payload, expected) => expect(carriesKeyframe.vp8(payload)).toBe(expected))

test.each<[string, Buffer, boolean]>([
  ['an IDR slice', Buffer.from([0x65, 1, 2]), true],
  ['a sequence parameter set', Buffer.from([0x67, 1, 2]), true],
  ['a slice of a delta frame', Buffer.from([0x41, 1, 2]), false],
  ['the start of a fragmented IDR slice', Buffer.from([0x7c, 0x85, 1]), true],
  ['the middle of a fragmented IDR slice', Buffer.from([0x7c, 0x05, 1]), false],
  ['an aggregate of SPS and PPS', Buffer.from([0x78, 0, 2, 0x67, 1, 0, 2, 0x68, 1]), true],
  ['an aggregate whose second unit is an IDR slice', Buffer.from([0x78, 0, 1, 0x06, 0, 2, 0x65, 1]), true],
  ['an aggregate of delta slices', Buffer.from([0x78, 0, 2, 0x41, 1, 0, 2, 0x41, 1]), false],
  ['an aggregate that is cut short', Buffer.from([0x78, 0, 200, 0x41]), false],
])('h264: %s', (_title, payload, expected) => expect(carriesKeyframe.h264(payload)).toBe(expected))

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
  ['an extension that is cut short', (rtp) => Buffer.concat([mark(rtp, 0x10), Buffer.from([0xbe])])],
  ['nothing but a header', (rtp) => rtp],
])('a packet with %s has no payload', (_title, make) => {
  expect(payloadOf(make(rtpPacket({ sequence: 1, payload: Buffer.alloc(0) })))).toBeUndefined()
})

test('RTCP on the RTP port is not taken for RTP', () => {
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
  '%s is no RTP',
  (datagram) => expect(isRtp(datagram)).toBe(false),
)

function mark(rtp: Buffer, flag: number): Buffer {
  rtp[0]! |= flag
  return rtp
}
