import { expect, test } from 'vitest'
import { exampleCamera, exampleMachine } from '../../../test/fakes/examples.js'
import { darkerRates, fraction, frameRateNote, v4l2Caps } from './frame-rate-caps.js'
import { buildSource } from './source.js'

const fps = (min: number, max = min) => ({ fps: { min, max } })

test.each([
  [30, '30/1'],
  [29.97, '30000/1001'],
  [59.94, '60000/1001'],
  [23.976, '24000/1001'],
  [7.5, '15/2'],
  [8.7, '87/10'],
  [0.2, '1/5'],
  [0.1, '1/10'],
  [14.985, '15000/1001'],
])('%d frames per second are %s', (rate, text) => expect(fraction(rate)).toBe(text))

test('a V4L2 camera is asked for the exact rate first, then for one close to it', () =>
  expect(v4l2Caps('image/jpeg', exampleCamera({ width: 640, height: 480, ...fps(30) }))).toBe(
    'image/jpeg,width=640,height=480,framerate=30/1;image/jpeg,width=640,height=480,framerate=(fraction)[29967/1000,30033/1000]',
  ))

test('with a range a V4L2 camera may lower its rate in the dark', () => {
  expect(darkerRates(exampleCamera(fps(30)))).toEqual([])
  expect(darkerRates(exampleCamera(fps(5, 30)))[0]).toMatch(/^extra-controls=c,exposure_dynamic_framerate=1,/)
  const camera = exampleCamera({ device: { kind: 'v4l2', path: '/dev/video0' }, ...fps(5, 30) })
  expect(buildSource(camera, 'I420', exampleMachine())!.slice(0, 3)).toEqual([
    'v4l2src',
    'device=/dev/video0',
    'extra-controls=c,exposure_dynamic_framerate=1,exposure_auto_priority=1',
  ])
})

test('a camera module keeps one rate, and says which for long exposures', () => {
  const device = { kind: 'libcamera' as const, name: '/base/a' }
  const camera = exampleCamera({ device, ...fps(0.5, 30) })
  expect(buildSource(camera, 'I420', exampleMachine())!.join(' ')).toContain('framerate=30/1,')
  expect(frameRateNote(camera)).toBe(
    "libcamera's GStreamer element cannot vary the frame rate: the camera runs at 30 frames per second and exposes up to 33.3 ms. " +
      'For exposures up to 2 s write fps = 0.5.',
  )
  expect(frameRateNote({ device, ...fps(0.5) })).toBeUndefined()
  expect(frameRateNote({ device: { kind: 'v4l2', path: '/dev/video0' }, ...fps(5, 30) })).toBeUndefined()
  const slow = exampleCamera({ device, ...fps(0.5) })
  expect(buildSource(slow, 'I420', exampleMachine())!.join(' ')).toContain('framerate=1/2,')
})
