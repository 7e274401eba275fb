import { expect, test } from 'vitest'
import { exampleCamera, exampleEncoder, exampleMachine } from '../../../test/fakes/examples.js'
import type { CameraConfig } from '../../config/types.js'
import { overlayProblem } from './overlay.js'
import { buildPipeline } from './pipeline.js'

const ports = { rtpPort: 21000, rtcpPort: 21001, feedbackPort: 21002 }
const line = (about: Partial<CameraConfig>, machine = exampleMachine()): string =>
  buildPipeline(exampleCamera(about), exampleEncoder('vp8enc'), machine, { ports }).join(' ')

const SOURCES: CameraConfig['device'][] = [
  { kind: 'libcamera', name: '/base/soc/i2c@1/imx219@10' },
  { kind: 'v4l2', path: '/dev/video0' },
  { kind: 'test', pattern: 'ball' },
]

test.each(SOURCES)('%j: the text is drawn after the flip, into video and snapshots', (device) => {
  const drawn = line({ device, overlay: '%H:%M', flipMethod: 'rotate-180' })
  const afterFlip = drawn.split('videoflip video-direction=180 ! ').slice(1)
  expect(afterFlip.map((part) => part.split(' ')[0])).toEqual(['clockoverlay', 'clockoverlay'])
  expect(drawn).toContain('time-format="%H:%M"')
})

test('a text without a time is drawn by textoverlay', () =>
  expect(line({ overlay: 'Garden & "house"' })).toMatch(/ ! textoverlay text=\S*Garden/))

test('without overlay nothing is drawn', () => expect(line({})).not.toMatch(/clockoverlay|textoverlay/))

test('the font follows the height, and the width of a portrait picture', () => {
  expect(line({ overlay: '%H', width: 1920, height: 1080 })).toContain('font-desc="Sans Bold 54px"')
  expect(line({ overlay: '%H', width: 480, height: 640 })).toContain('font-desc="Sans Bold 24px"')
  expect(line({ overlay: '%H', width: 64, height: 64 })).toContain('font-desc="Sans Bold 12px"')
})

test('without the element the video plays without text, and the package is named', () => {
  const machine = exampleMachine({ without: ['clockoverlay'] })
  const camera = exampleCamera({ overlay: '%H' })
  expect(line({ overlay: '%H' }, machine)).not.toContain('clockoverlay')
  expect(overlayProblem(camera, machine)).toEqual({
    message: 'the overlay is not drawn: GStreamer has no clockoverlay',
    hint: 'sudo apt install gstreamer1.0-x, then restart rpi-webrtc.',
  })
  expect(overlayProblem(exampleCamera(), machine)).toBeUndefined()
})

test('a time zone that is not installed is reported for a text with a time', () => {
  const machine = exampleMachine({ time: { unknownZone: 'Europe/Berlin' } })
  expect(overlayProblem(exampleCamera({ overlay: '%H' }), machine)?.hint).toContain('tzdata')
  expect(overlayProblem(exampleCamera({ overlay: 'Garden' }), machine)).toBeUndefined()
})
