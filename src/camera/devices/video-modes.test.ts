import { expect, test } from 'vitest'
import { formatModes, parseRpicamModes, type VideoMode } from './video-modes.js'

const MODES: VideoMode[] = [
  { width: 640, height: 480, rates: [60, 30], format: 'mjpeg' },
  { width: 640, height: 480, rates: [30], format: 'raw' },
  { width: 1280, height: 720, rates: [7.5], format: 'raw' },
  { width: 1920, height: 1080, rates: [29.97], format: 'h264' },
]

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
  expect(formatModes(MODES)).toBe(
    '640x480 at 60 mjpeg, 640x480 at 30, 1280x720 at 7.5, 1920x1080 at 29.97 h264',
  )
  const many = Array.from({ length: 30 }, (_, i) => ({ width: i, height: i, rates: [30] }))
  expect(formatModes(many).split(', ')).toHaveLength(8)
})

test('a range of sizes is printed with both its ends, and a rate only if it is known', () => {
  const grid = { minWidth: 32, minHeight: 32, maxWidth: 2592, maxHeight: 1944, stepWidth: 2, stepHeight: 2 }
  expect(formatModes([{ width: 2592, height: 1944, rates: [], format: 'mjpeg', grid }])).toBe(
    '32x32 to 2592x1944 mjpeg',
  )
})
