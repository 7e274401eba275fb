import { expect, test } from 'vitest'
import { aggregate, fragments, PPS, slice, SPS } from '../../../test/support/h264.js'
import { rtpPacket } from '../../../test/support/rtp.js'
import { carriesKeyframe } from '../keyframe.js'
import { markerOf, payloadOf, sequenceOf, timestampOf } from '../packet.js'
import { ParameterSetInserter } from './parameter-set-inserter.js'

/** What comes out for frames of these payloads, numbered from 65 534 on. */
function passed(...frames: Buffer[][]): { out: Buffer[]; numbers: number[] } {
  const inserter = new ParameterSetInserter([SPS, PPS])
  const out: Buffer[] = []
  let sequence = 65_534
  for (const [i, payloads] of frames.entries())
    for (const [j, payload] of payloads.entries())
      inserter.pass(
        rtpPacket({ sequence: sequence++, timestamp: i * 3000, marker: j === payloads.length - 1, payload }),
        (rtp) => out.push(rtp),
      )
  return { out, numbers: out.map(sequenceOf) }
}

test.each<[string, Buffer[]]>([
  ['in one packet', [slice(5)]],
  ['in fragments', fragments(slice(5, 100), 30)],
  ['in an aggregate', [aggregate(Buffer.from([0x06, 1, 2]), slice(5))]],
  ['in two slices', [slice(5), slice(5)]],
])(
  'a keyframe %s gets the parameter sets in front, once, and the numbers stay without a gap',
  (_how, keyframe) => {
    const { out, numbers } = passed(keyframe, [slice(1)], keyframe)
    expect(out).toHaveLength(2 * keyframe.length + 3)
    expect(numbers).toEqual(out.map((_, i) => (65_534 + i) & 0xffff))
    const starts = out.map((rtp) => carriesKeyframe.h264(payloadOf(rtp)!))
    expect(starts.flatMap((is, i) => (is ? [i] : []))).toEqual([0, keyframe.length + 2])
    expect(payloadOf(out[0]!)!.subarray(3)).toEqual(aggregate(SPS, PPS).subarray(3))
    expect([markerOf(out[0]!), timestampOf(out[0]!)]).toEqual([false, 0])
    expect(timestampOf(out[keyframe.length + 2]!)).toBe(6000)
  },
)

test('a stream with its own parameter sets passes as it is', () => {
  const { out, numbers } = passed([SPS, PPS, slice(5)], [slice(1)], [aggregate(SPS, PPS, slice(5))])
  expect(out).toHaveLength(5)
  expect(numbers).toEqual([65_534, 65_535, 0, 1, 2])
})

test('payloads that are too short for what they say change nothing', () => {
  const payloads = [
    Buffer.of(28),
    Buffer.of(24),
    Buffer.of(24, 0xff),
    Buffer.of(24, 0xff, 0xff, 5),
    Buffer.of(24, 0, 0, 0),
  ]
  expect(passed(...payloads.map((payload) => [payload])).out.length).toBeLessThanOrEqual(payloads.length + 1)
})
