import { expect, test } from 'vitest'
import { findStall, progressIntervalMs, type CameraProgress, type ViewerProgress } from './stall-check.js'

const viewer = (packets: number, about: Partial<ViewerProgress> = {}): ViewerProgress => ({
  id: 'v',
  packets,
  isCongested: false,
  ...about,
})

/** A camera whose packets have all been forwarded and sent. */
const at = (count: number, about: Partial<CameraProgress> = {}): CameraProgress => ({
  minFps: 30,
  isLive: true,
  waitingBytes: 0,
  datagrams: count,
  packets: count,
  fannedOut: count,
  viewers: [viewer(count)],
  ...about,
})

const between = (before: CameraProgress, now: CameraProgress) =>
  findStall({ camera1: before }, { camera1: now })

test('moving packets are not a stall, with or without viewers', () => {
  expect(between(at(100), at(200))).toBeUndefined()
  expect(between(at(100, { viewers: [] }), at(200, { viewers: [] }))).toBeUndefined()
})

test('an ingest that does not read queued packets is a stall, in every camera state', () => {
  const stall = 'camera1: packets wait in the socket but are not read'
  const stuck = { waitingBytes: 4096 }
  expect(between(at(100, stuck), at(100, stuck))).toBe(stall)
  expect(between(at(100, { ...stuck, isLive: false }), at(100, { ...stuck, isLive: false }))).toBe(stall)
})

test('packets queued at one moment, or read and ignored, are not a stall', () => {
  const idle = { isLive: false, viewers: [] }
  expect(between(at(100, idle), at(100, { ...idle, waitingBytes: 4096 }))).toBeUndefined()
  const flooded = { ...idle, waitingBytes: 4096 }
  expect(between(at(100, flooded), at(100, { ...flooded, datagrams: 9000 }))).toBeUndefined()
})

test('a lost camera with an unknown queue is not a stall', () => {
  const unknown = { isLive: false, waitingBytes: undefined }
  expect(between(at(100, unknown), at(100, unknown))).toBeUndefined()
})

test.each([
  ['lost', at(100, { isLive: false }), at(100, { isLive: false })],
  ['lost a moment ago', at(100), at(100, { isLive: false })],
  ['just back', at(100, { isLive: false }), at(100)],
])('a camera that is %s is not a stall', (_what, before, now) => expect(between(before, now)).toBeUndefined())

test('samples are further apart for a camera with few frames per second', () => {
  expect(progressIntervalMs({})).toBe(6000)
  expect(progressIntervalMs({ camera1: at(1), camera2: at(1, { minFps: 5 }) })).toBe(6000)
  expect(progressIntervalMs({ camera1: at(1), camera2: at(1, { minFps: 0.1 }) })).toBe(60_000)
})

test('a live camera without packets is a stall', () =>
  expect(between(at(100), at(100))).toBe('camera1: the camera is live but no packet arrived'))

test('accepted packets that are not forwarded are a stall', () =>
  expect(between(at(100), at(200, { fannedOut: 100 }))).toBe('camera1: packets arrive but are not forwarded'))

test('forwarded packets that reach no viewer are a stall', () =>
  expect(between(at(100), at(200, { viewers: [viewer(100)] }))).toBe(
    'camera1: packets are forwarded but not sent to any viewer',
  ))

test.each<[string, ViewerProgress[], ViewerProgress[]]>([
  ['has just joined', [], [viewer(0)]],
  ['waits for its first keyframe', [viewer(0)], [viewer(0)]],
  ['replaced another viewer', [viewer(100)], [viewer(0, { id: 'w' })]],
  ['is congested', [viewer(100)], [viewer(100, { isCongested: true })]],
  ['was congested', [viewer(100, { isCongested: true })], [viewer(100)]],
  ['is the only one of two', [viewer(9), viewer(100, { id: 'w' })], [viewer(9), viewer(200, { id: 'w' })]],
])('no packets for a viewer who %s is not a stall', (_what, before, now) =>
  expect(between(at(100, { viewers: before }), at(200, { viewers: now }))).toBeUndefined(),
)

test('one stalled camera among others is found and named', () => {
  const before = { camera1: at(1), camera2: at(1), camera3: at(1) }
  expect(findStall(before, { camera1: at(2), camera2: at(1), camera3: at(2) })).toContain('camera2: ')
})

test('a camera that is new, removed or replaced is not a stall', () => {
  expect(findStall({}, { camera1: at(100) })).toBeUndefined()
  expect(findStall({ camera1: at(100) }, {})).toBeUndefined()
  expect(between(at(100), at(3))).toBeUndefined()
})
