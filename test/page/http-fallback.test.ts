import { expect, test } from 'vitest'
import { peerRetryMs } from '../../static/backoff.js'
import { HttpState } from '../../static/http-state.js'
import { follow, removableUntil } from '../../static/live-edge.js'
import { videoNotice } from '../../static/messages.js'
import { english } from './word-tables.js'

test('WebRTC is tried again within two seconds for some minutes, later every ten', () => {
  expect([0, 1, 2, 29, 30, 99].map((failures) => peerRetryMs(failures, 0.5))).toEqual([
    500, 1000, 1800, 1800, 10_000, 10_000,
  ])
  expect(peerRetryMs(2, 1)).toBeLessThan(2000)
})

test.each([
  ['nothing is buffered', 0, null, { seek: null, rate: 1 }],
  ['before the newest range, it seeks to its end', 2, { start: 5, end: 8 }, { seek: 7.9, rate: 1 }],
  ['far behind, it seeks', 3, { start: 0, end: 5 }, { seek: 4.9, rate: 1 }],
  ['a little behind, it plays faster', 4, { start: 0, end: 5 }, { seek: null, rate: 1.5 }],
  ['close enough', 4.8, { start: 0, end: 5 }, { seek: null, rate: 1 }],
  ['too close, it plays slower', 4.97, { start: 0, end: 5 }, { seek: null, rate: 0.95 }],
  ['the first frame alone', 0, { start: 0, end: 0.03 }, { seek: null, rate: 0.95 }],
])('%s', (_title, position, buffered, expected) => expect(follow(position, buffered)).toEqual(expected))

test('what was played is removed, but not what a short way back needs', () =>
  expect(removableUntil(10)).toBeLessThan(8))

test('silence counts only where every frame is reported', () => {
  const camera = { fps: 30, cameraDelivers: true }
  const [video, images] = [new HttpState(), new HttpState()]
  for (const state of [video, images]) state.start()
  expect(video.frame(1000, true)).toBe(true)
  expect(images.frame(1000, false)).toBe(true)
  expect([video.check(4000, camera), images.check(4000, camera)]).toEqual(['stalled', 'ok'])
  expect([video.check(10_000, camera), images.check(10_000, camera)]).toEqual(['dead', 'ok'])
})

test('a camera that is back is live again at once where no frame reports it', () => {
  const [video, images, off] = [new HttpState(), new HttpState(), new HttpState()]
  for (const state of [video, images]) state.start()
  video.frame(0, true)
  images.frame(0, false)
  expect([video, images, off].map((state) => state.cameraLive(1000))).toEqual([false, true, false])
})

test('frames on their way when the camera was lost do not mean that it is back', () => {
  const state = new HttpState()
  state.start()
  state.cameraLost(1000)
  expect([state.frame(1500, true), state.frame(2100, true)]).toEqual([false, true])
})

test('the notice says that the video comes over HTTP, and why, in place of the one about congestion', () => {
  const congested = { congested: true }
  expect(videoNotice({ state: 'live', viewerStatus: congested, overHttp: true }, english)).toMatch(
    /HTTP.*WebRTC/,
  )
  expect(videoNotice({ state: 'live', viewerStatus: congested, overHttp: false }, english)).toMatch(
    /^Slow connection/,
  )
  const failure = { cause: 'no-reply', message: 'No reply gets back.', hint: 'Check it.', parameters: {} }
  expect(videoNotice({ state: 'live', viewerStatus: null, overHttp: true, failure }, english)).toMatch(
    /over HTTP.*No reply gets back/,
  )
  expect(videoNotice({ state: 'live', viewerStatus: null, overHttp: false, failure }, english)).toBe('')
  const refusal = { code: 'no-common-codec', message: '' }
  expect(videoNotice({ state: 'live', viewerStatus: null, overHttp: true, refusal }, english)).toMatch(
    /HTTP.*decode/,
  )
  expect(videoNotice({ state: 'waiting', viewerStatus: null, overHttp: true }, english)).toBe('')
})
