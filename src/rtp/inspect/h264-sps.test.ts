import { randomInt } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { parseSps } from './h264-sps.js'

const sps = (hex: string) => parseSps(Buffer.from(hex, 'hex'))

describe('sequence parameter sets of real encoders', () => {
  test.each<[string, string, object]>([
    [
      'x264enc, baseline',
      '6742c01ed900a03db016a0c0c0d4a0000003002000000791e2c5c9',
      { profile: 66, width: 640, height: 480, reorderedFrames: 0 },
    ],
    [
      'x264enc, main with B-frames',
      '674d401feca02802dd80b501010140000003004000000f23c60c6580',
      { profile: 77, width: 1280, height: 720, reorderedFrames: 2 },
    ],
    [
      'x264enc, high, 1080 lines are cropped from 1088',
      '67640028acd940780227e5c05a808080a0000003002000000791e30632c0',
      { profile: 100, width: 1920, height: 1080, reorderedFrames: 2 },
    ],
    [
      'x264enc, high without B-frames',
      '67640014acb20283f602d418181a94000003000400000300f23c50a920',
      { profile: 100, width: 320, height: 240, reorderedFrames: 0 },
    ],
    [
      'x264enc, high 4:2:2',
      '677a000dbcd94141fb016a0c0c0c80000003008000001e478a14cb',
      { profile: 122, width: 320, height: 240, reorderedFrames: 2 },
    ],
    [
      'x264enc, high 4:4:4',
      '67f4000d919b282a10f1f1f80b50606064000003000400000300f23c50a658',
      { profile: 244, width: 322, height: 242, reorderedFrames: 2 },
    ],
    [
      'x264enc, high 10',
      '676e000da6cd94141fb016a0c0c0d4a0000003002000000791e28532c0',
      { profile: 110, width: 320, height: 240, reorderedFrames: 2 },
    ],
    [
      'openh264enc',
      '6742c01e8c8d40501ed00f08846a',
      { profile: 66, width: 640, height: 480, reorderedFrames: 0 },
    ],
    [
      'x264enc, interlaced',
      '6764001eacd940a03db016a0c0c0d4a0000003002000000791e2c5b2c0',
      { profile: 100, width: 640, height: 480, reorderedFrames: 2 },
    ],
  ])('%s', (_title, hex, expected) => expect(sps(hex)).toEqual(expected))
})

test('an SPS that is cut off is none', () => {
  const whole = Buffer.from('6742c01ed900a03db016a0c0c0d4a0000003002000000791e2c5c9', 'hex')
  for (let length = 0; length < 8; length++) expect(parseSps(whole.subarray(0, length))).toBeUndefined()
})

test('no bytes make it throw, loop or return a size that no camera has', () => {
  for (let round = 0; round < 20_000; round++) {
    const unit = Buffer.alloc(randomInt(0, 80), round % 3 === 0 ? 0 : 0xff)
    unit[0] = 0x67
    for (let i = 1; i < unit.length; i++) if (round % 3 > 0 || i % 7 === 0) unit[i] = randomInt(0, 256)
    const parsed = parseSps(unit)
    if (parsed === undefined) continue
    expect(parsed.width).toBeGreaterThan(0)
    expect(parsed.width).toBeLessThanOrEqual(16_384)
    expect(parsed.height).toBeGreaterThan(0)
    expect(parsed.height).toBeLessThanOrEqual(16_384)
  }
})

test('a damaged SPS of a real encoder does not make it throw', () => {
  const whole = Buffer.from('6742c01ed900a03db016a0c0c0d4a0000003002000000791e2c5c9', 'hex')
  for (let bit = 8; bit < whole.length * 8; bit++) {
    const damaged = Buffer.from(whole)
    damaged[bit >> 3]! ^= 0x80 >> (bit & 7)
    expect(() => parseSps(damaged)).not.toThrow()
  }
})

test('a megabyte of zeros, ones or scaling lists is read in no time: only the first 512 bytes count', () => {
  for (const fill of [0, 0xff, 0x64, 0x49]) {
    const unit = Buffer.alloc(1 << 20, fill)
    unit[0] = 0x67
    unit[1] = 100
    expect(() => parseSps(unit)).not.toThrow()
  }
})
