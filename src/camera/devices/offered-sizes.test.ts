import { describe, expect, test } from 'vitest'
import { knownSensor } from '../sensors/known-sensors.js'
import { libcameraMode } from '../sensors/mode-choice.js'
import { offeredSizes, sizesOfSensor, type OfferedSize } from './offered-sizes.js'
import { parseV4l2Formats } from './v4l2-modes.js'

const text = (sizes: readonly OfferedSize[]): string[] =>
  sizes.map(({ width, height, rates }) => `${width}x${height} ${rates.join(' ')}`.trim())

/** Raw frames up to what USB 2 carries, as `format = "auto"`. */
const automatic = ({ width, height }: { width: number; height: number }, rate = 30): 'raw' | 'mjpeg' =>
  width * height * 2 * rate > 24_000_000 ? 'mjpeg' : 'raw'

const WEBCAM = `	[0]: 'YUYV' (YUYV 4:2:2)
		Size: Discrete 640x480
			Interval: Discrete 0.033s (30.000 fps)
			Interval: Discrete 0.067s (15.000 fps)
		Size: Discrete 1280x720
			Interval: Discrete 0.100s (10.000 fps)
		Size: Discrete 1281x721
			Interval: Discrete 0.100s (10.000 fps)
	[1]: 'MJPG' (Motion-JPEG, compressed)
		Size: Discrete 640x480
			Interval: Discrete 0.008s (120.000 fps)
			Interval: Discrete 0.033s (30.000 fps)
		Size: Discrete 1280x720
			Interval: Discrete 0.033s (30.000 fps)
			Interval: Discrete 0.100s (10.000 fps)
	[2]: 'H264' (H.264, compressed)
		Size: Discrete 1920x1080
			Interval: Discrete 0.033s (30.000 fps)
`

describe('a V4L2 camera', () => {
  const { modes } = parseV4l2Formats(WEBCAM)

  test('has the sizes and rates of the format that each would be captured in', () =>
    // 640x480 at 30 and 1280x720 at 10 are raw, faster ones are MJPEG. 1281 is odd, and H.264 is not asked for.
    expect(text(offeredSizes(modes, automatic))).toEqual(['640x480 120 30 15', '1280x720 30 10']))

  test('has only those of a format that is configured', () => {
    expect(text(offeredSizes(modes, () => 'raw'))).toEqual(['640x480 30 15', '1280x720 10'])
    expect(text(offeredSizes(modes, () => 'h264'))).toEqual(['1920x1080 30'])
  })

  test('whose driver lists ranges has the usual sizes in them', () => {
    const { modes: stepwise } = parseV4l2Formats(`	[0]: 'YUYV' (YUYV 4:2:2)
		Size: Stepwise 32x32 - 1280x720 with step 2/2
`)
    expect(text(offeredSizes(stepwise, () => 'raw'))).toEqual([
      '320x240',
      '640x360',
      '640x480',
      '800x600',
      '1280x720',
    ])
  })

  test('without a usable mode has none', () => {
    expect(offeredSizes([], automatic)).toEqual([])
    expect(offeredSizes([{ width: 640, height: 480, rates: [500], format: 'mjpeg' }], automatic)).toEqual([])
  })
})

test.each([
  // 4656x3496 is wider than the configuration accepts.
  ['imx519', '1280x720 80 60 50 30 25 20 15 10 5', '3840x2160 18 15 10 5'],
  ['imx708', '320x240 120 60 50 30 25 20 15 10 5', '4608x2592 14 10 5'],
  ['ov5647', '2592x1944 15 10 5', '1296x972 43 30 25 20 15 10 5'],
])('%s has %s and %s', (name, ...some) => {
  const sensor = knownSensor(name)!
  const sizes = sizesOfSensor(sensor, (video) => libcameraMode(sensor, video))
  expect(text(sizes)).toEqual(expect.arrayContaining(some))
  expect(Math.max(...sizes.map(({ width }) => width))).toBeLessThanOrEqual(4608)
})
