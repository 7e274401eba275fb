import { expect, test } from 'vitest'
import { judgeStream, needsKeyframe } from './judge-stream.js'
import type { Source, StreamFacts } from './stream-facts.js'

const facts = (about: Partial<StreamFacts> = {}): StreamFacts => ({
  packets: 100,
  sinceMs: 1000,
  payloadType: 96,
  format: 'h264',
  keyframeAtMs: 2000,
  keyframeGapMs: 1000,
  bareKeyframeAtMs: undefined,
  missing: 'SPS and PPS',
  sps: { profile: 66, width: 640, height: 480 },
  hasBFrames: false,
  largestPacketBytes: 1200,
  other: undefined,
  ...about,
})
const source: Source = { key: 'camera1', codec: 'h264', port: 5004 }
const causeAt = (nowMs: number, about: Partial<StreamFacts>, from = source): string => {
  const verdict = judgeStream(facts(about), from, nowMs)
  return verdict.state === 'bad' ? verdict.failure.cause : verdict.state
}

test('nothing is decided before a keyframe and enough packets', () => {
  expect(causeAt(2000, { keyframeAtMs: undefined })).toBe('pending')
  expect(causeAt(2000, { format: undefined })).toBe('pending')
  expect(causeAt(2000, { packets: 0 })).toBe('pending')
  expect(causeAt(2000, {})).toBe('fine')
})

test('a sender without a keyframe has ten seconds', () => {
  expect(causeAt(10_900, { keyframeAtMs: undefined })).toBe('pending')
  expect(causeAt(11_100, { keyframeAtMs: undefined })).toBe('no-keyframe')
})

test('after a keyframe the sender also has the time to answer a request', () => {
  expect(causeAt(13_900, {})).toBe('fine')
  expect(causeAt(14_100, {})).toBe('no-keyframe')
})

test('keyframes that come every twenty seconds are a warning, not a camera that is lost again and again', () => {
  const rare = { keyframeGapMs: 20_000 }
  expect(causeAt(31_000, rare)).toBe('fine')
  const verdict = judgeStream(facts(rare), source, 31_000)
  expect(verdict.state === 'fine' && verdict.warnings.map(({ cause }) => cause)).toEqual(['rare-keyframes'])
  expect(causeAt(34_500, rare)).toBe('no-keyframe')
  expect(causeAt(65_000, { keyframeGapMs: 3_600_000 })).toBe('no-keyframe')
})

test('a camera that encodes itself is not restarted while it waits for its second keyframe', () => {
  const camera: Source = { key: 'camera1', codec: 'h264', port: undefined }
  const once = { keyframeGapMs: 0 }
  expect(causeAt(60_000, once, camera)).toBe('fine')
  expect(causeAt(64_500, once, camera)).toBe('no-keyframe')
})

test('a keyframe is requested while there is none, and when it is old, but not more than every two seconds', () => {
  expect(needsKeyframe(facts({ keyframeAtMs: undefined }), -Infinity, 1000)).toBe(true)
  expect(needsKeyframe(facts({ keyframeAtMs: undefined }), 500, 1000)).toBe(false)
  expect(needsKeyframe(facts(), -Infinity, 11_000)).toBe(false)
  expect(needsKeyframe(facts(), -Infinity, 12_100)).toBe(true)
  expect(needsKeyframe(facts({ packets: 0 }), -Infinity, 12_100)).toBe(false)
})

test('units that no test knows are accepted with decodable keyframes, and another format is not', () => {
  expect(causeAt(2000, { format: 'unknown' })).toBe('fine')
  expect(causeAt(2000, { format: 'unknown', keyframeAtMs: undefined })).toBe('not-video')
  expect(causeAt(2000, { format: 'h265' })).toBe('h265')
  expect(causeAt(2000, { format: 'unknown' }, { ...source, codec: 'vp8' })).toBe('not-video')
})

test("B-frames are a warning for another program's stream, and refused in a camera's own", () => {
  expect(causeAt(2000, { hasBFrames: true })).toBe('fine')
  expect(causeAt(2000, { hasBFrames: true }, { ...source, port: undefined })).toBe('b-frames')
})
