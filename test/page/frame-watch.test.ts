import { expect, test } from 'vitest'
import { FrameWatch } from '../../static/frame-watch.js'

const camera = { fps: 0, cameraDelivers: true }

/** Connected at 1000 ms, with a frame at 2000 ms. */
function watching(): FrameWatch {
  const frames = new FrameWatch()
  frames.connected(1000)
  frames.frame(2000)
  return frames
}

test('silence does not count before the connection is there', () =>
  expect(new FrameWatch().check(60_000, camera)).toBe('ok'))

test.each([
  [4200, 'ok'],
  [4201, 'stalled'],
  [10_000, 'stalled'],
  [10_001, 'dead'],
])('with a frame at 2000 ms, the video is at %i ms %s', (nowMs, result) =>
  expect(watching().check(nowMs, camera)).toBe(result),
)

test('a camera with one frame in two seconds may be silent for three frames', () => {
  const slow = { ...camera, fps: 0.5 }
  expect([7999, 8001, 16_001].map((nowMs) => watching().check(nowMs, slow))).toEqual([
    'ok',
    'stalled',
    'dead',
  ])
})

test('while the camera is lost, its silence does not mean that the connection is dead', () =>
  expect(watching().check(60_000, { ...camera, cameraDelivers: false })).toBe('stalled'))

test('after the page was hidden, silence counts from then and is tolerated for less time', () => {
  const frames = watching()
  frames.resume(100_000)
  expect([102_200, 103_000, 103_001].map((nowMs) => frames.check(nowMs, camera))).toEqual([
    'ok',
    'stalled',
    'dead',
  ])
  frames.frame(103_500)
  expect(frames.check(111_500, camera)).toBe('stalled')
})

test('late frames of a lost camera do not make it live, later ones or its own report do', () => {
  const frames = watching()
  frames.cameraLost(3000)
  expect([frames.frame(3999), frames.frame(4000)]).toEqual([false, true])
  frames.cameraLost(5000)
  frames.cameraLive(5500)
  expect(frames.frame(5501)).toBe(true)
})
