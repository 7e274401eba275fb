import { describe, expect, test } from 'vitest'
import { parseV4l2Formats } from '../camera/devices/v4l2-modes.js'
import type { VideoMode } from '../camera/devices/video-modes.js'
import { chooseUsbMode, splitByModes, whyUsbMode } from './usb-mode.js'

const LARGE = { width: 1280, height: 720 }
const SMALL = { width: 640, height: 480 }

/** What v4l2-ctl lists: `YUYV 720x480 29.970`. */
const modes = (...lines: string[]): VideoMode[] =>
  parseV4l2Formats(
    lines
      .map((line) => {
        const [code, size, ...rates] = line.split(' ')
        const discrete = rates.map((rate) => `\t\t\tInterval: Discrete 0.033s (${rate} fps)\n`).join('')
        return `\t[0]: '${code!}' (x)\n\t\tSize: Discrete ${size!}\n${discrete}`
      })
      .join(''),
  ).modes
const stepwise = (range: string, ...codes: string[]): VideoMode[] =>
  parseV4l2Formats(codes.map((code) => `\t[0]: '${code}' (x)\n\t\tSize: ${range}\n`).join('')).modes

describe('a list of modes', () => {
  test.each([
    [
      'PAL and NTSC: as many pixels, more frames',
      modes('YUYV 720x480 29.970', 'YUYV 720x576 25.000'),
      LARGE,
      '720x480 29.97 raw',
    ],
    ['NTSC in two halves', modes('UYVY 720x240 59.940', 'UYVY 720x480 29.970'), LARGE, '720x480 29.97 raw'],
    [
      '23.976 and 59.94 of an HDMI grabber',
      modes('YUYV 1280x720 59.940 23.976', 'YUYV 640x480 59.940'),
      LARGE,
      '1280x720 23.976 raw',
    ],
    [
      'only 59.94 and large',
      modes('MJPG 1920x1080 59.940', 'MJPG 1280x720 59.940'),
      LARGE,
      '1280x720 59.94 mjpeg',
    ],
    ['only 7.5', modes('YUYV 1280x1024 7.500', 'YUYV 640x480 7.500'), LARGE, '640x480 7.5 raw'],
    ['7.5 and 59.94', modes('YUYV 640x480 59.940 7.500'), SMALL, '640x480 59.94 raw'],
    [
      'rates that depend on the format',
      modes('MJPG 1280x720 30.000', 'YUYV 1280x720 10.000', 'YUYV 640x480 30.000'),
      LARGE,
      '1280x720 30 mjpeg',
    ],
    [
      'rates that depend on the size',
      modes('YUYV 640x360 40.000 30.000', 'YUYV 640x480 25.000', 'YUYV 1280x720 12.500'),
      LARGE,
      '640x480 25 raw',
    ],
    [
      'the same size raw and as MJPEG',
      modes('MJPG 640x480 30.000', 'YUYV 640x480 30.000'),
      LARGE,
      '640x480 30 raw',
    ],
    [
      'GREY of a global shutter camera',
      modes('GREY 1280x800 120.000 60.000', 'GREY 640x400 240.000 30.000'),
      LARGE,
      '640x400 30 raw',
    ],
    ['GREY only, too large', modes('GREY 1456x1088 60.000'), LARGE, '1456x1088 60 raw'],
    ['120.101 only', modes('MJPG 640x480 120.101'), LARGE, '640x480 120 mjpeg'],
    [
      'H.264 only',
      modes('H264 1920x1080 30.000', 'H264 640x480 30.000', 'HEVC 3840x2160 30.000'),
      SMALL,
      '1920x1080 30 h264',
    ],
    ['H.264 of 4K only', modes('H264 3840x2160 30.000'), SMALL, '3840x2160 30 h264'],
    [
      'H.264 next to small raw frames',
      modes('H264 1920x1080 30.000', 'YUYV 320x240 30.000'),
      LARGE,
      '320x240 30 raw',
    ],
    [
      'a range of sizes',
      stepwise('Stepwise 32x32 - 2592x1944 with step 2/2', 'YU12', 'MJPG'),
      LARGE,
      '1280x720 30 raw',
    ],
    [
      'a coarse range',
      stepwise('Stepwise 64x64 - 1920x1080 with step 16/8', 'NV12'),
      LARGE,
      '1280x720 30 raw',
    ],
    [
      'a range that begins at an odd width',
      stepwise('Stepwise 33x32 - 1281x720 with step 2/2', 'NV12'),
      LARGE,
      undefined,
    ],
    [
      'a continuous range of a loopback device',
      stepwise('Continuous 2x1 - 8192x8192', 'YUYV'),
      SMALL,
      '640x480 30 raw',
    ],
    ['no rates at all', modes('YUYV 800x600'), LARGE, '800x600 30 raw'],
    ['odd sizes only', modes('YUYV 641x481 30.000'), LARGE, undefined],
    ['only 240', modes('MJPG 640x480 240.000'), LARGE, undefined],
    ['thermal: 160x120 at 8.7', modes('Y16  160x120 8.700', 'YUYV 160x120 8.700'), LARGE, '160x120 8.7 raw'],
    ['nothing', [], LARGE, undefined],
  ])('%s', (_what, list, wanted, chosen) => {
    const mode = chooseUsbMode(list, wanted)
    expect(mode && `${mode.width}x${mode.height} ${mode.fps} ${mode.format}`).toBe(chosen)
  })
})

test.each([
  ['YUYV 640x480 30.000', 'the camera offers it; small'],
  ['YUYV 640x480 59.940', 'the camera offers no rate between 10 and 30 here; small'],
  ['YUYV 640x480 7.500', 'the camera offers no faster rate; small'],
  ['YUYV 1920x1080 5.000', 'the camera offers nothing smaller'],
  ['H264 640x480 30.000', 'the camera gives H.264 only: its own stream is passed on without another encoder'],
])('%s is explained', (line, why) => {
  const list = modes(line)
  expect(whyUsbMode(chooseUsbMode(list, SMALL)!, list, SMALL, 'small')).toBe(why)
})

test('a camera whose modes cannot be configured is left out, and named', () => {
  const odd = {
    kind: 'v4l2' as const,
    device: '/dev/video0',
    name: 'Odd',
    modes: modes('YUYV 641x481 30.000'),
  }
  const unknown = { kind: 'v4l2' as const, device: '/dev/video2', name: 'Unknown' }
  expect(splitByModes([odd, unknown])).toEqual({
    usable: [unknown],
    notes: [
      '/dev/video0 (Odd) is left out: it has only 641x481 at 30, and width and height must be even numbers from 32 to 4608.',
    ],
  })
})
