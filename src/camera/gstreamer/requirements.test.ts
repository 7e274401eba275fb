import { expect, test } from 'vitest'
import { exampleCamera, exampleMachine } from '../../../test/fakes/examples.js'
import { defaultConfig } from '../../config/parse.js'
import type { CameraConfig, Config } from '../../config/types.js'
import { MissingError } from '../../errors.js'
import { requireEncoders } from './requirements.js'

const configOf = (...cameras: Partial<CameraConfig>[]): Config => ({
  server: defaultConfig().server,
  cameras: cameras.map((camera) => exampleCamera(camera)),
  webrtc: defaultConfig().webrtc,
  rtsp: defaultConfig().rtsp,
  limits: defaultConfig().limits,
})

const requiring = (without: string[], ...cameras: Partial<CameraConfig>[]) => {
  return () => requireEncoders(configOf(...cameras), exampleMachine({ without }))
}
const withHint = (hint: string) => expect.objectContaining({ hint }) as Error
const module: CameraConfig['device'] = { kind: 'libcamera', name: '/base/a' }

test('a machine that has everything may start', () => expect(requiring([], {}, {})).not.toThrow())

test('without the transport nothing can start, and the error has a hint', () => {
  expect(requiring(['rtpsession'], {})).toThrow(MissingError)
  expect(requiring(['rtpsession'], {})).toThrow(withHint('sudo apt install gstreamer1.0-plugins-good'))
})

test('without an encoder for any camera nothing can start, and the error has a hint', () => {
  expect(requiring(['vp8enc'], { codec: 'vp8' }, { codec: 'vp8' })).toThrow(MissingError)
  expect(requiring(['vp8enc'], { codec: 'vp8' })).toThrow(
    withHint('sudo apt install gstreamer1.0-plugins-good'),
  )
})

test('an encoder missing for only one camera does not prevent the start', () =>
  expect(requiring(['vp8enc'], { codec: 'vp8' }, { codec: 'h264' })).not.toThrow())

test('missing snapshot elements do not prevent the start', () =>
  expect(requiring(['jpegenc', 'gdppay', 'fdsink'], {})).not.toThrow())

test('a test pattern that cannot be drawn prevents the start', () =>
  expect(requiring(['videotestsrc'], {})).toThrow(
    expect.objectContaining({
      message: 'GStreamer lacks videotestsrc, which the test pattern needs',
      hint: 'sudo apt install gstreamer1.0-plugins-base',
    }),
  ))

test('a test pattern that cannot be flipped prevents the start', () =>
  expect(requiring(['videoflip'], { flipMethod: 'rotate-180' })).toThrow('GStreamer lacks videoflip'))

test('a missing source element does not prevent the start', () =>
  expect(requiring(['libcamerasrc'], { device: module })).not.toThrow())

test('external cameras need no GStreamer element', () => {
  const nothing = ['queue', 'rtpsession', 'vp8enc', 'v4l2h264enc', 'x264enc', 'openh264enc']
  expect(requiring(nothing, { device: { kind: 'rtp', port: 5004 } })).not.toThrow()
})
