import { expect, test } from 'vitest'
import { parseV4l2Formats } from './v4l2-modes.js'

const HEADER = 'ioctl: VIDIOC_ENUM_FMT\n\tType: Video Capture\n\n'
/** As v4l2-ctl prints them: `YUYV 720x480 29.970 25.000`. */
const list = (...lines: string[]): string =>
  HEADER +
  lines
    .map((line, i) => {
      const [code, size, ...rates] = line.split(' ')
      const intervals = rates.map(
        (rate) => `\t\t\tInterval: Discrete ${(1 / Number(rate)).toFixed(3)}s (${rate} fps)\n`,
      )
      return `\t[${i}]: '${code!}' (some format)\n\t\tSize: Discrete ${size!}\n${intervals.join('')}`
    })
    .join('')

const USB_CAMERA = `${HEADER}	[0]: 'MJPG' (Motion-JPEG, compressed)
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
	[3]: 'HEVC' (HEVC, compressed)
		Size: Discrete 1920x1080
			Interval: Discrete 0.033s (30.000 fps)
`

test('every size of a USB camera is parsed, with all its rates and formats', () =>
  expect(parseV4l2Formats(USB_CAMERA)).toEqual({
    modes: [
      { width: 640, height: 480, rates: [60, 30], format: 'mjpeg' },
      { width: 640, height: 480, rates: [30], format: 'raw' },
      { width: 1280, height: 720, rates: [30, 25], format: 'mjpeg' },
      { width: 1280, height: 720, rates: [7.5], format: 'raw' },
      { width: 1920, height: 1080, rates: [30], format: 'h264' },
    ],
    unsized: [],
    others: ['HEVC'],
  }))

test.each([
  ['PAL and NTSC', list('YUYV 720x480 29.970', 'YUYV 720x576 25.000'), [[29.97], [25]]],
  ['slow and very fast', list('YUYV 640x480 7.500 59.940'), [[59.94, 7.5]]],
  ['120.101 of a UVC camera', list('MJPG 1280x720 120.101 60.000'), [[120.101, 60]]],
])('rates with a fraction: %s', (_what, text, rates) =>
  expect(parseV4l2Formats(text).modes.map((mode) => mode.rates)).toEqual(rates),
)

test.each(['GREY', 'Y16 ', 'UYVY', 'NV21', 'RGB3', 'BGR3', 'YV12', 'Y16 -BE'])(
  'videoconvert takes %j, so it is raw',
  (code) =>
    expect(parseV4l2Formats(`\t[0]: '${code}' (x)\n\t\tSize: Discrete 640x400\n`).modes).toEqual([
      { width: 640, height: 400, rates: [], format: 'raw' },
    ]),
)

test.each(['RG10', 'pRAA', 'BA81', 'Y10 ', 'Y12 ', 'HEVC', 'VP80', 'Z16 '])(
  '%j is of no use, and is named',
  (code) =>
    expect(parseV4l2Formats(`\t[0]: '${code}' (x)\n\t\tSize: Discrete 640x400\n`)).toEqual({
      modes: [],
      unsized: [],
      others: [code.trim()],
    }),
)

test('a range of sizes is kept as one', () =>
  expect(
    parseV4l2Formats("\t[0]: 'YU12' (Planar YUV 4:2:0)\n\t\tSize: Stepwise 32x32 - 2592x1944 with step 2/2\n")
      .modes,
  ).toEqual([
    {
      width: 2592,
      height: 1944,
      rates: [],
      format: 'raw',
      grid: { minWidth: 32, minHeight: 32, maxWidth: 2592, maxHeight: 1944, stepWidth: 2, stepHeight: 2 },
    },
  ]))

test('a format without sizes is noticed', () =>
  expect(
    parseV4l2Formats("\t[0]: 'YUYV' (YUYV 4:2:2)\n\t[1]: 'MJPG' (x)\n\t\tSize: Discrete 640x480\n"),
  ).toMatchObject({
    unsized: ['raw'],
    modes: [{ format: 'mjpeg' }],
  }))

test.each([
  ['Stepwise 0.040s - 1.000s with step 0.040s (1.000-25.000 fps)', [25, 12.5, 8.333]],
  ['Continuous 0.001s - 1.000s (1.000-1000.000 fps)', [1000, 60, 50, 30]],
  ['Stepwise 0.033s - 0.033s with step 0.000s (30.000-30.000 fps)', [30]],
  ['Stepwise 0.017s - 0.200s with step 0.001s (5.000-60.000 fps)', [60, 50, 30]],
  ['Continuous 0.000s - inf (0.000-inf fps)', []],
])('a range of rates: %s', (interval, first) => {
  const { modes } = parseV4l2Formats(
    `\t[0]: 'YUYV' (YUYV 4:2:2)\n\t\tSize: Discrete 640x480\n\t\t\tInterval: ${interval}\n`,
  )
  expect(modes[0]!.rates.slice(0, Math.max(1, first.length))).toEqual(first)
})

test('the rates of a wide range are few', () =>
  expect(
    parseV4l2Formats(
      "\t[0]: 'YUYV' (x)\n\t\tSize: Discrete 64x48\n\t\t\tInterval: Stepwise 0.002s - 999.000s with step 0.002s (0.001-500.000 fps)\n",
    ).modes[0]!.rates.length,
  ).toBeLessThanOrEqual(64))

test('v4l2-ctl before 1.18 prints the format in another way', () =>
  expect(
    parseV4l2Formats(
      "\tIndex       : 0\n\tType        : Video Capture\n\tPixel Format: 'MJPG' (compressed)\n\tName        : Motion-JPEG\n" +
        '\t\tSize: Discrete 640x480\n\t\t\tInterval: Discrete 0.033s (30.000 fps)\n',
    ).modes,
  ).toEqual([{ width: 640, height: 480, rates: [30], format: 'mjpeg' }]))

test('a broken or huge list is no obstacle', () => {
  expect(
    parseV4l2Formats('\t\tSize: Discrete 640x480\n\t\t\tInterval: Discrete 0.033s (30.000 fps)\n').modes,
  ).toEqual([])
  expect(
    parseV4l2Formats("\t[0]: 'YUYV' (x)\n\t\tSize: Discrete x\n\t\tInterval: Discrete (0.000 fps)\n").modes,
  ).toEqual([])
  expect(parseV4l2Formats(list('YUYV 640x480 0.000')).modes[0]!.rates).toEqual([])
})
