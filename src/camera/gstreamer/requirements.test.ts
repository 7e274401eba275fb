import { expect, test } from 'vitest'
import { exampleCamera, exampleMachine } from '../../../test/fakes/examples.js'
import { defaultConfig } from '../../config/parse.js'
import type { CameraConfig, Config } from '../../config/types.js'
import { MissingError } from '../../errors.js'
import { requireEncoders } from './requirements.js'

const configOf = (...cameras: Partial<CameraConfig>[]): Config => ({
  server: defaultConfig().server,
  cameras: cameras.map((camera) => exampleCamera(camera)),
  webrtc: { stunServer: undefined, maxClients: 4, udpPort: 8189, udpBindIp: '0.0.0.0', announce: [] },
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

test('an encoder that only one of the cameras lacks is the trouble of that camera', () =>
  expect(requiring(['vp8enc'], { codec: 'vp8' }, { codec: 'h264' })).not.toThrow())

test('a machine that can make no pictures plays all the same', () =>
  expect(requiring(['jpegenc', 'gdppay', 'fdsink'], {})).not.toThrow())

test('a test picture that cannot be drawn is a reason not to start', () =>
  expect(requiring(['videotestsrc'], {})).toThrow(
    expect.objectContaining({
      message: 'GStreamer lacks videotestsrc, which the test picture needs',
      hint: 'sudo apt install gstreamer1.0-plugins-base',
    }),
  ))

test('a test picture that cannot be turned is a reason not to start', () =>
  expect(requiring(['videoflip'], { flipMethod: 'rotate-180' })).toThrow('GStreamer lacks videoflip'))

test('a camera whose source is not installed is the trouble of that camera', () =>
  expect(requiring(['libcamerasrc'], { device: module })).not.toThrow())

test('cameras that other programs send need nothing of GStreamer', () => {
  const nothing = ['queue', 'rtpsession', 'vp8enc', 'v4l2h264enc', 'x264enc', 'openh264enc']
  expect(requiring(nothing, { device: { kind: 'rtp', port: 5004 } })).not.toThrow()
})
