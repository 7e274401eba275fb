import { expect, test } from 'vitest'
import { rtpPacket, vp8Continuation, vp8Key } from '../../test/support/rtp.js'
import { RtpTimeline } from './timeline.js'

const FRAME_TICKS = 3000

function play(
  timeline: RtpTimeline,
  first: { sequence: number; timestamp: number; ssrc?: number },
  count: number,
  startMs: number,
) {
  return Array.from({ length: count }, (_, i) =>
    timeline.place(
      rtpPacket({
        ...first,
        sequence: first.sequence + i,
        timestamp: first.timestamp + i * FRAME_TICKS,
        marker: true,
      }),
      startMs + i * 33.333,
    ),
  )
}

test('sequence numbers continue across 65535 -> 0', () => {
  const packets = play(new RtpTimeline('vp8'), { sequence: 65534, timestamp: 0 }, 4, 0)
  const indexes = packets.map((packet) => packet!.index)
  expect(indexes).toEqual([0, 1, 2, 3].map((i) => indexes[0]! + i))
})

test('a gap remains, so that the receiver detects the loss', () => {
  const timeline = new RtpTimeline('vp8')
  const before = timeline.place(rtpPacket({ sequence: 10 }), 0)!
  const after = timeline.place(rtpPacket({ sequence: 15 }), 0)!
  expect(after.index - before.index).toBe(5)
  expect(timeline.lost).toBe(4)
})

test('a late packet keeps its index and a duplicate is ignored', () => {
  const timeline = new RtpTimeline('vp8')
  const first = timeline.place(rtpPacket({ sequence: 10 }), 0)!
  timeline.place(rtpPacket({ sequence: 12 }), 0)
  expect(timeline.place(rtpPacket({ sequence: 11 }), 0)!.index).toBe(first.index + 1)
  expect(timeline.place(rtpPacket({ sequence: 12 }), 0)).toBeUndefined()
  expect(timeline.place(rtpPacket({ sequence: 13 }), 0)!.index).toBe(first.index + 3)
})

test.each([
  ['the same SSRC', 60_000, 1000, 0x11223344],
  ['a new SSRC', 5, 40_000, 0x55667788],
  ['offsets that look like a small gap', 100, 150, 0x11223344],
])('a restarted sender with %s continues the line, the pause included', (_title, before, after, ssrc) => {
  const timeline = new RtpTimeline('vp8')
  const last = play(timeline, { sequence: before, timestamp: 4_000_000_000 }, 5, 0).at(-1)!
  timeline.expectNewSender()
  const [first, second] = play(timeline, { sequence: after, timestamp: 77, ssrc }, 2, 1133.333)
  expect(first!.index).toBe(last.index + 1)
  expect(second!.index).toBe(last.index + 2)
  expect((first!.timestamp - last.timestamp) >>> 0).toBe(90_000)
  expect((second!.timestamp - first!.timestamp) >>> 0).toBe(FRAME_TICKS)
})

test('timestamps wrap at 2^32 without a break', () => {
  const packets = play(new RtpTimeline('vp8'), { sequence: 1, timestamp: 2 ** 32 - FRAME_TICKS }, 2, 0)
  expect(packets.map((packet) => packet!.timestamp)).toEqual([2 ** 32 - FRAME_TICKS, 0])
})

test('a large jump is accepted with the second packet', () => {
  const timeline = new RtpTimeline('vp8')
  const last = timeline.place(rtpPacket({ sequence: 1000, timestamp: 0 }), 0)!
  expect(timeline.place(rtpPacket({ sequence: 30_000, timestamp: 5 }), 10)).toBeUndefined()
  const resumed = timeline.place(rtpPacket({ sequence: 30_001, timestamp: 3005 }), 20)!
  expect(resumed.index).toBe(last.index + 1)
  expect(resumed.timestamp).toBe(1800)
})

test('a keyframe of many packets starts once, and slices without an SPS start none', () => {
  const timeline = new RtpTimeline('h264')
  const idr = Buffer.from([0x65, 1, 2])
  const starts = [
    rtpPacket({ sequence: 1, timestamp: 9, payload: Buffer.from([0x67, 0x42, 0xc0, 0x1f]) }),
    rtpPacket({ sequence: 2, timestamp: 9, payload: idr }),
    rtpPacket({ sequence: 3, timestamp: 9, payload: idr, marker: true }),
    rtpPacket({ sequence: 4, timestamp: 3009, payload: idr, marker: true }),
  ].map((packet) => timeline.place(packet, 0)!.startsKeyframe)
  expect(starts).toEqual([true, false, false, false])
})

test('only the first packet of a VP8 keyframe starts it', () => {
  const timeline = new RtpTimeline('vp8')
  expect(timeline.place(rtpPacket({ sequence: 1, payload: vp8Key }), 0)!.startsKeyframe).toBe(true)
  expect(timeline.place(rtpPacket({ sequence: 2, payload: vp8Continuation }), 0)!.startsKeyframe).toBe(false)
})

test('timestamps that jump without a sequence jump are corrected', () => {
  const timeline = new RtpTimeline('vp8')
  const last = play(timeline, { sequence: 10, timestamp: 4_000_000_000 }, 5, 0).at(-1)!
  const [first, second] = play(timeline, { sequence: 15, timestamp: 1000 }, 2, 5 * 33.333)
  expect(first!.index).toBe(last.index + 1)
  expect((first!.timestamp - last.timestamp) >>> 0).toBe(FRAME_TICKS)
  expect((second!.timestamp - first!.timestamp) >>> 0).toBe(FRAME_TICKS)
})

test('a packet that jumps in sequence and time is ignored until a second one follows', () => {
  const timeline = new RtpTimeline('vp8')
  const last = play(timeline, { sequence: 10, timestamp: 0 }, 5, 0).at(-1)!
  const stray = { sequence: 500, timestamp: 3_000_000_000 }
  expect(timeline.place(rtpPacket(stray), 150)).toBeUndefined()
  expect(timeline.place(rtpPacket({ sequence: 12, timestamp: 3_000_000_000 }), 150)).toBeUndefined()
  const [next] = play(timeline, { sequence: 15, timestamp: 5 * FRAME_TICKS }, 1, 5 * 33.333)
  expect([next!.index, next!.timestamp]).toEqual([last.index + 1, 5 * FRAME_TICKS])
  expect(
    play(timeline, { sequence: 501, timestamp: 3_000_000_000 }, 2, 200).map((packet) => packet?.index),
  ).toEqual([undefined, last.index + 2])
})

test('a sender catches up after a long stall without a restart', () => {
  const timeline = new RtpTimeline('vp8')
  play(timeline, { sequence: 10, timestamp: 0 }, 2, 0)
  expect(timeline.place(rtpPacket({ sequence: 12, timestamp: 600 * 90_000 }), 600_000)!.timestamp).toBe(
    600 * 90_000,
  )
  expect(timeline.restarts).toBe(0)
})

test('a stream that follows another has its timestamps, also after a restart', () => {
  const large = new RtpTimeline('vp8')
  const small = new RtpTimeline('vp8', large)
  const frame = { sequence: 100, timestamp: 0xffff_ff00 }
  expect(small.place(rtpPacket({ ...frame, sequence: 7 }), 0)).toBeUndefined() // before the line is known
  const first = large.place(rtpPacket(frame), 0)!
  expect(small.place(rtpPacket({ ...frame, sequence: 8 }), 1)!.timestamp).toBe(first.timestamp)

  for (const timeline of [large, small]) {
    timeline.forget()
    timeline.expectNewSender()
  }
  const again = { sequence: 5, timestamp: 12_345 }
  expect(small.place(rtpPacket({ ...again, sequence: 60_000 }), 500)).toBeUndefined()
  const later = large.place(rtpPacket(again), 500)!
  expect(later.timestamp).toBe((first.timestamp + 45_000) >>> 0)
  const followed = small.place(rtpPacket({ ...again, sequence: 60_001 }), 503)!
  expect(followed.timestamp).toBe(later.timestamp)
  const next = play(small, { sequence: 60_002, timestamp: again.timestamp + 6000 }, 1, 570)[0]!
  expect([next.timestamp - later.timestamp, next.index - followed.index]).toEqual([6000, 1])
})
