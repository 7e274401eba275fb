import { expect, test } from 'vitest'
import { formatModes, parseRpicamModes, parseV4l2Modes } from './video-modes.js'

const V4L2 = `ioctl: VIDIOC_ENUM_FMT
	Type: Video Capture

	[0]: 'MJPG' (Motion-JPEG, compressed)
		Size: Discrete 1280x720
			Interval: Discrete 0.033s (30.000 fps)
			Interval: Discrete 0.040s (25.000 fps)
		Size: Discrete 640x480
			Interval: Discrete 0.017s (60.000 fps)
			Interval: Discrete 0.033s (30.000 fps)
	[1]: 'YUYV' (YUYV 4:2:2)
		Size: Discrete 640x480
			Interval: Discrete 0.033s (30.000 fps)
		Size: Discrete 1280x720
			Interval: Discrete 0.133s (7.500 fps)
	[2]: 'H264' (H.264, compressed)
		Size: Discrete 1920x1080
			Interval: Discrete 0.033s (30.000 fps)
`

test('every size of a USB camera is parsed, with all its rates', () =>
  expect(parseV4l2Modes(V4L2)).toEqual([
    { width: 640, height: 480, rates: [60, 30], format: 'mjpeg' },
    { width: 640, height: 480, rates: [30], format: 'raw' },
    { width: 1280, height: 720, rates: [30, 25], format: 'mjpeg' },
    { width: 1280, height: 720, rates: [7.5], format: 'raw' },
  ]))

test('stepwise sizes of a loopback device are left out', () =>
  expect(
    parseV4l2Modes("\t[0]: 'YUYV' (YUYV 4:2:2)\n\t\tSize: Stepwise 16x16 - 4096x2160 with step 2/2\n"),
  ).toEqual([]))

test('the sensor modes of a camera module are parsed', () =>
  expect(
    parseRpicamModes(`    Modes: 'SRGGB10_CSI2P' : 640x480 [206.65 fps - (1000, 752)/1280x960 crop]
                             1640x1232 [41.85 fps - (0, 0)/3280x2464 crop]
           'SRGGB8' : 640x480 [206.65 fps - (1000, 752)/1280x960 crop]\n`),
  ).toEqual([
    { width: 640, height: 480, rates: [206] },
    { width: 1640, height: 1232, rates: [41] },
  ]))

test('modes are printed on one line, the largest last', () => {
  expect(formatModes(parseV4l2Modes(V4L2))).toBe(
    '640x480 at 60 mjpeg, 640x480 at 30, 1280x720 at 30 mjpeg, 1280x720 at 7.5',
  )
  const many = Array.from({ length: 30 }, (_, i) => ({ width: i, height: i, rates: [30] }))
  expect(formatModes(many).split(', ')).toHaveLength(8)
})
