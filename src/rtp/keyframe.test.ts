import { expect, test } from 'vitest'
import { vp8Continuation, vp8Delta, vp8Key } from '../../test/support/rtp.js'
import { carriesKeyframe } from './keyframe.js'

test.each<[string, Buffer, boolean]>([
  ['the first packet of a VP8 keyframe', vp8Key, true],
  ['a continuation of a VP8 keyframe', vp8Continuation, false],
  ['the first packet of a VP8 delta frame', vp8Delta, false],
  ['a VP8 keyframe without any extension', Buffer.from([0x10, 0x10, 0x02]), true],
  ['a VP8 keyframe with all extensions', Buffer.from([0x90, 0xf0, 0x80, 0x01, 0x07, 0x20, 0x10]), true],
  ['a VP8 descriptor without a payload', Buffer.from([0x90, 0x80, 0x80]), false],
])('%s', (_title, payload, expected) => expect(carriesKeyframe.vp8(payload)).toBe(expected))

const SPS = [0x67, 0x42, 0xc0, 0x1f]

test.each<[string, Buffer, boolean]>([
  ['a sequence parameter set', Buffer.from(SPS), true],
  ['a sequence parameter set of profile High', Buffer.from([0x27, 0x64, 0, 0x28, 0xac]), true],
  ['an aggregate of SPS and PPS', Buffer.from([0x78, 0, 4, ...SPS, 0, 2, 0x68, 1]), true],
  ['an aggregate whose second unit is an SPS', Buffer.from([0x78, 0, 1, 0x06, 0, 4, ...SPS]), true],
  ['an IDR slice alone, which no viewer can decode', Buffer.from([0x65, 1, 2]), false],
  ['a slice of a delta frame', Buffer.from([0x41, 1, 2]), false],
  ['the start of a fragmented IDR slice', Buffer.from([0x7c, 0x85, 1]), false],
  ['an aggregate of delta slices', Buffer.from([0x78, 0, 2, 0x41, 1, 0, 2, 0x41, 1]), false],
  ['an aggregate that is truncated', Buffer.from([0x78, 0, 200, 0x41]), false],
  ['an SPS that is truncated', Buffer.from([0x67, 0x42]), false],
  ['a packet of an MPEG transport stream', Buffer.alloc(188 * 7, 0x47), false],
  [
    'a packet of an MPEG transport stream that resembles an SPS',
    Buffer.concat([Buffer.from([0x47, 0x42, 0xc0, 0x1f]), Buffer.alloc(184)]),
    false,
  ],
  ['VP9, whose first bit is set', Buffer.from([0x87, 0x42, 0xc0, 0x1f]), false],
])('h264: %s', (_title, payload, expected) => expect(carriesKeyframe.h264(payload)).toBe(expected))

test('vp8: an aggregate of H.264 is no keyframe', () =>
  expect(carriesKeyframe.vp8(Buffer.from([0x78, 0, 4, ...SPS]))).toBe(false))
