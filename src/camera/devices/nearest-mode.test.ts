import { describe, expect, test } from 'vitest'
import { deliversMode, nearestModes, nearestSettings, type WantedMode } from './nearest-mode.js'
import type { VideoMode } from './video-modes.js'

/** vivid of Linux: raw only, the larger the slower. */
const VIVID: VideoMode[] = [
  { width: 320, height: 180, rates: [60, 30, 25, 10], format: 'raw' },
  { width: 640, height: 360, rates: [40, 30, 25, 10], format: 'raw' },
  { width: 640, height: 480, rates: [25, 10], format: 'raw' },
  { width: 1280, height: 720, rates: [12.5, 10], format: 'raw' },
]
const GRABBER: VideoMode[] = [
  { width: 720, height: 480, rates: [29.97], format: 'raw' },
  { width: 720, height: 576, rates: [25], format: 'raw' },
]
const ISP: VideoMode[] = [
  {
    width: 1920,
    height: 1080,
    rates: [],
    format: 'raw',
    grid: { minWidth: 64, minHeight: 64, maxWidth: 1920, maxHeight: 1080, stepWidth: 16, stepHeight: 8 },
  },
]

const UVC_120: VideoMode[] = [{ width: 640, height: 480, rates: [120.101], format: 'mjpeg' }]

const wanted = (
  width: number,
  height: number,
  fps: number | [number, number],
  format: WantedMode['format'] = 'raw',
): WantedMode => ({
  width,
  height,
  fps: typeof fps === 'number' ? { min: fps, max: fps } : { min: fps[0], max: fps[1] },
  format,
})

test.each([
  ['its rate', VIVID, wanted(640, 480, 25), true],
  ['a rate that another size has', VIVID, wanted(640, 480, 30), false],
  ['a range with a rate in it', VIVID, wanted(640, 480, [5, 30]), true],
  ['a range without one', VIVID, wanted(1280, 720, [15, 30]), false],
  ['30 of a camera with 29.97', GRABBER, wanted(720, 480, 30), true],
  ['29.97 of a camera with 30', VIVID, wanted(640, 360, 29.97), true],
  ['24 of a camera with 25', GRABBER, wanted(720, 576, 24), false],
  ['120 of a camera with 120.101', UVC_120, wanted(640, 480, 120, 'mjpeg'), true],
  ['a format that it does not have', VIVID, wanted(640, 480, 25, 'mjpeg'), false],
  ['a size on its grid, at any rate', ISP, wanted(640, 480, 17), true],
  ['a size beside its grid', ISP, wanted(650, 480, 30), false],
])('a camera is asked for %s', (_what, modes, mode, delivers) => {
  expect(deliversMode(modes, mode)).toBe(delivers)
  expect(nearestModes(modes, mode).length > 0).toBe(!delivers)
})

describe('the nearest', () => {
  test.each([
    ['to 640x480 at 30 has the size at a lower rate', wanted(640, 480, 30), 'fps = 25'],
    ['to 320x240 at 10 is another size', wanted(320, 240, 10), 'width = 320, height = 180'],
    ['to 1280x720 at 30 as MJPEG names the format', wanted(1280, 720, 30, 'mjpeg'), 'format = "raw"'],
    ['to a size that it has as raw', wanted(640, 480, 25, 'mjpeg'), 'format = "raw"'],
  ])('%s', (_what, mode, contains) => expect(nearestSettings(VIVID, mode)).toContain(contains))

  test('is on the grid of the camera', () =>
    expect(nearestSettings(ISP, wanted(650, 490, 30))).toBe('width = 656, height = 488'))

  test('of a grabber is not PAL if NTSC is nearer', () =>
    expect(nearestSettings(GRABBER, wanted(640, 480, 30))).toMatch(/^width = 720, height = 480; or /))

  test('is never what is configured', () => {
    for (const width of [320, 640, 1280])
      for (const height of [180, 240, 360, 480, 720])
        for (const fps of [5, 10, 25, 30, 60])
          for (const format of ['raw', 'mjpeg'] as const) {
            const mode = wanted(width, height, fps, format)
            for (const nearest of nearestModes(VIVID, mode)) {
              expect(nearest).not.toMatchObject({ width, height, fps, format })
              const { fps: rate, format: other, ...size } = nearest
              expect(deliversMode(VIVID, { ...size, fps: { min: rate, max: rate }, format: other! })).toBe(
                true,
              )
            }
          }
  })

  test('of a camera without usable modes is nothing', () => {
    expect(nearestSettings([], wanted(640, 480, 30))).toBe('')
    expect(
      nearestSettings([{ width: 641, height: 481, rates: [30], format: 'raw' }], wanted(640, 480, 30)),
    ).toBe('')
  })
})
