import { describe, expect, test } from 'vitest'
import { ConfigError } from '../errors.js'
import { autoLowSize, parseLow } from './low-size.js'
import { parseConfig } from './parse.js'

const problemsOf = (lines: string): readonly string[] => {
  try {
    parseConfig(`[camera1]\ndevice = "test:smpte"\n${lines}\n`, 'config.toml')
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

test.each([
  ['"320x240@15"', { width: 320, height: 240, fps: 15 }],
  ['"320x240@12.5"', { width: 320, height: 240, fps: 12.5 }],
  ['"auto"', 'auto'],
  ['false', false],
])('low = %s', (written, low) => {
  const { cameras } = parseConfig(`[camera1]\ndevice = "test:smpte"\nlow = ${written}\n`, 'config.toml')
  expect(cameras[0]!.low).toEqual(low)
})

test('a camera has one size unless it is told', () =>
  expect(parseConfig('[camera1]\ndevice = "test:smpte"\n', 'config.toml').cameras[0]!.low).toBe(false))

test.each<[unknown, RegExp]>([
  [true, /does not say how small: write "auto", a size .*"320x240@15", or false/],
  [320, /is no size: write "auto"/],
  ['320x240', /is no size with frames per second: write .*"320x240@15"/],
  ['small', /is no size with frames per second/],
  ['321x240@15', /odd side.*write "320x240@15"/],
  ['32x24@15', /at least 64 pixels a side/],
  ['320x240@0.5', /from 1 to 60 frames per second/],
  ['320x240@90', /from 1 to 60 frames per second/],
  [`${'9'.repeat(100_000)}x1@1`, /is no size/],
])('%j cannot be used', (value, message) => expect(() => parseLow(value)).toThrow(message))

describe('a written size has to fit the camera', () => {
  test.each<[string, RegExp]>([
    [
      'low = "640x480@15"',
      /camera1\.low.*"?640x480@15"? is not smaller than 640x480: write "320x240@15" or "auto"/,
    ],
    ['low = "320x180@15"', /has not the shape of 640x480: write "320x240@15" or "auto"/],
    ['low = "320x240@31"', /has more frames per second than the camera: write at most 30/],
    ['device_ = 1', /device_/],
  ])('%s', (lines, message) => expect(problemsOf(lines).join('\n')).toMatch(message))

  test('even sides are close enough to its shape', () =>
    expect(problemsOf('width = 1280\nheight = 720\nlow = "426x240@15"')).toEqual([]))

  test.each<[string, RegExp]>([
    ['device = "rtp://127.0.0.1:5004"', /cannot be encoded: another program encodes this video/],
    ['device = "/dev/video0"\nformat = "h264"\ncodec = "h264"', /cannot be encoded: .* passed through/],
  ])('nothing can be encoded for %s', (lines, message) => {
    const toml = `[camera1]\n${lines}\nlow = "320x240@15"\n`
    expect(() => parseConfig(toml, 'config.toml')).toThrow(message)
  })
})

const rate = (fps: number) => ({ min: fps, max: fps })

test.each([
  [640, 480, 30, '320x240@15'],
  [1280, 720, 30, '384x216@15'],
  [1920, 1080, 25, '384x216@12.5'],
  [1080, 1920, 60, '192x342@15'],
  [640, 480, 15, '320x240@15'],
  [640, 480, 20, '320x240@10'],
])('"auto" of %dx%d at %d frames per second is %s', (width, height, fps, wanted) => {
  const size = autoLowSize({ width, height, fps: rate(fps) })!
  expect(`${size.width}x${size.height}@${size.fps}`).toBe(wanted)
})

test('"auto" has no size for a camera that is small itself', () =>
  expect(autoLowSize({ width: 448, height: 336, fps: rate(30) })).toBeUndefined())
