import { expect, test } from 'vitest'
import { findStall, type CameraProgress, type ViewerProgress } from './stall-check.js'

const viewer = (packets: number, about: Partial<ViewerProgress> = {}): ViewerProgress => ({
  id: 'v',
  packets,
  isCongested: false,
  ...about,
})

/** A camera that has delivered and sent this much. */
const at = (count: number, about: Partial<CameraProgress> = {}): CameraProgress => ({
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

test('packets that move are no standstill, with viewers and without', () => {
  expect(between(at(100), at(200))).toBeUndefined()
  expect(between(at(100, { viewers: [] }), at(200, { viewers: [] }))).toBeUndefined()
})

test('an ingest that takes nothing of what waits for it is one, whatever its camera is called', () => {
  const says = 'camera1: packets wait in the socket, and nobody takes them'
  const stuck = { waitingBytes: 4096 }
  expect(between(at(100, stuck), at(100, stuck))).toBe(says)
  expect(between(at(100, { ...stuck, isLive: false }), at(100, { ...stuck, isLive: false }))).toBe(says)
})

test('packets that wait at one moment, or are taken and ignored, are none', () => {
  const idle = { isLive: false, viewers: [] }
  expect(between(at(100, idle), at(100, { ...idle, waitingBytes: 4096 }))).toBeUndefined()
  const flooded = { ...idle, waitingBytes: 4096 }
  expect(between(at(100, flooded), at(100, { ...flooded, datagrams: 9000 }))).toBeUndefined()
})

test('where nobody can tell what waits, a camera that is lost is believed to be', () => {
  const dark = { isLive: false, waitingBytes: undefined }
  expect(between(at(100, dark), at(100, dark))).toBeUndefined()
})

test.each([
  ['lost', at(100, { isLive: false }), at(100, { isLive: false })],
  ['lost a moment ago', at(100), at(100, { isLive: false })],
  ['back since a moment', at(100, { isLive: false }), at(100)],
])('a camera that is %s is none', (_what, before, now) => expect(between(before, now)).toBeUndefined())

test('a camera that is called live and delivers nothing is one, for whoever calls it so is asleep', () =>
  expect(between(at(100), at(100))).toBe('camera1: it is called live, and no packet came'))

test('packets that are counted and not handed on are one', () =>
  expect(between(at(100), at(200, { fannedOut: 100 }))).toBe('camera1: packets come, and none is handed on'))

test('packets that are handed on and sent to nobody are one', () =>
  expect(between(at(100), at(200, { viewers: [viewer(100)] }))).toBe(
    'camera1: packets are handed on, and no viewer is sent any',
  ))

test.each<[string, ViewerProgress[], ViewerProgress[]]>([
  ['is there since a moment', [], [viewer(0)]],
  ['waits for its first keyframe', [viewer(0)], [viewer(0)]],
  ['took the place of another', [viewer(100)], [viewer(0, { id: 'w' })]],
  ['is congested', [viewer(100)], [viewer(100, { isCongested: true })]],
  ['was congested', [viewer(100, { isCongested: true })], [viewer(100)]],
  ['is the only one of two', [viewer(9), viewer(100, { id: 'w' })], [viewer(9), viewer(200, { id: 'w' })]],
])('a viewer who gets nothing and %s is none', (_what, before, now) =>
  expect(between(at(100, { viewers: before }), at(200, { viewers: now }))).toBeUndefined(),
)

test('one camera that stands still is enough, and is named; others do not hide it', () => {
  const before = { camera1: at(1), camera2: at(1), camera3: at(1) }
  expect(findStall(before, { camera1: at(2), camera2: at(1), camera3: at(2) })).toContain('camera2: ')
})

test('a camera that is new, gone, or another of the same name is none', () => {
  expect(findStall({}, { camera1: at(100) })).toBeUndefined()
  expect(findStall({ camera1: at(100) }, {})).toBeUndefined()
  expect(between(at(100), at(3))).toBeUndefined()
})
