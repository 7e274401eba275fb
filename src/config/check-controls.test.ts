import { describe, expect, test } from 'vitest'
import { ConfigError } from '../errors.js'
import { checkControls, controlProblemText, dormantControls } from './check-controls.js'
import type { Controls } from './controls.js'
import { LIBCAMERA_CONTROLS, LIBCAMERA_CONTROL_NAMES } from './libcamera-controls.js'
import { parseConfig, testModeConfig } from './parse.js'

const problemsOf = (toml: string): readonly string[] => {
  try {
    parseConfig(toml, 'config.toml')
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

const module = (controls: string, more = ''): string =>
  `[camera1]\ndevice = "/base/soc/i2c@1/imx708@1a"\n${more}[camera1.controls]\n${controls}\n`
const usb = (controls: string): string =>
  `[camera1]\ndevice = "/dev/video0"\n[camera1.controls]\n${controls}\n`

/** A value of each control that is right alone. */
const RIGHT: Record<string, string> = {
  brightness: '-0.5',
  contrast: '1.5',
  saturation: '0',
  sharpness: '16',
  exposure: '"short"',
  'exposure-time-us': '20000',
  'analogue-gain': '1',
  'exposure-value': '-8',
  metering: '"spot"',
  awb: '"daylight"',
  'colour-gains': '[1.8, 1.5]',
  autofocus: '"manual"',
  'lens-position': '0',
  'autofocus-range': '"macro"',
  'autofocus-speed': '"fast"',
  'autofocus-window': '[0.25, 0.25, 0.5, 0.5]',
  zoom: '[0, 0, 0.5, 0.5]',
}

test('every control is tried below', () =>
  expect(Object.keys(RIGHT).sort()).toEqual([...LIBCAMERA_CONTROL_NAMES].sort()))

test.each(Object.entries(RIGHT))('%s = %s is accepted', (name, value) =>
  expect(problemsOf(module(`${name} = ${value}`))).toEqual([]),
)

const numbers = LIBCAMERA_CONTROL_NAMES.flatMap((name) => {
  const control = LIBCAMERA_CONTROLS[name]
  return control.type === 'number' || control.type === 'integer' ? [{ name, ...control }] : []
})

test.each(numbers)('$name is from $min to $max', ({ name, min, max }) => {
  const problem = (value: number): string[] =>
    checkControls({
      device: { kind: 'libcamera', name: 'imx708' },
      fps: { min: 0.1, max: 30 },
      controls: { [name]: value },
    }).map(controlProblemText)
  expect(problem(min)).toEqual([])
  expect(problem(max)).toEqual([])
  expect(problem(min - 1)).toEqual([`${name}: ${min - 1} is too small: from ${min} to ${max}`])
  expect(problem(max + 1)).toEqual([`${name}: ${max + 1} is too large: from ${min} to ${max}`])
})

describe('a wrong control of a camera module is reported with its line', () => {
  test.each([
    ['brightness = 2', 'brightness: 2 is too large: from -1 to 1'],
    ['brightness = "0.2"', 'brightness: "0.2" has to be a number'],
    ['brightness = true', 'brightness: true has to be a number'],
    ['exposure-time-us = 33.5', 'exposure-time-us: 33.5 is not a whole number: write 34'],
    ['awb = "dayligth"', 'awb: "dayligth" is not a value of awb: did you mean "daylight"?'],
    ['exposure = "custom"', 'exposure: "custom" is not a value of exposure: write normal, short or long'],
    [
      'autofocus = "auto"',
      'autofocus: "auto" never focuses, because libcamerasrc cannot start it: write "continuous", or "manual" with lens-position',
    ],
    ['colour-gains = [1.0]', 'colour-gains: a list has 1 values instead of 2: write [red, blue]'],
    ['colour-gains = [0.0, 1.5]', 'colour-gains: a list has 0 in it: each value is from 0.01 to 32'],
    ['zoom = 2', 'zoom: 2 has to be a list: write [x, y, width, height], each from 0 to 1'],
    ['zoom = [0.5, 0.5, 0.6, 0.5]', 'zoom: a list is outside of the picture: x + width is at most 1'],
    ['zoom = [0.5, 0.5, 0.0, 0.5]', 'zoom: a list is too small: width and height are at least 0.02'],
    ['brightnes = 1', 'brightnes: is not a control: did you mean "brightness"?'],
    ['shutter = 1', 'shutter: is not a control: did you mean "exposure-time-us"?'],
    [
      'gamma = 2',
      'gamma: has no effect on a Raspberry Pi, in any version of libcamera: write contrast, or set tuning-file',
    ],
    [
      'denoise = "off"',
      'denoise: is not available, because libcamerasrc cannot set it in any version: rpicam-vid and MediaMTX (rpiCameraDenoise) can',
    ],
    ['hdr = true', 'hdr: belongs into [cameraN]: write hdr = true there'],
    ['brightness = { a = 1 }', 'brightness: a table has to be a number'],
    [
      'exposure-time-us = 100000',
      'exposure-time-us: 100000 is longer than a frame at fps = 30: write fps = 10, or at most 33333 here',
    ],
  ])('%s', (line, problem) =>
    expect(problemsOf(module(line))).toEqual([`config.toml:4: camera1.controls.${problem}`]),
  )

  test('an unknown name lists what exists', () =>
    expect(problemsOf(module('xyzzy = 1'))[0]).toContain('which has brightness, contrast, saturation,'))

  test('every problem is reported at once', () =>
    expect(problemsOf(module('brightness = 2\ncontrast = -1\nsharp = "x"'))).toHaveLength(3))
})

test('a long exposure is accepted at a low frame rate, also of a range', () => {
  expect(problemsOf(module('exposure-time-us = 200000', 'fps = 5\n'))).toEqual([])
  expect(problemsOf(module('exposure-time-us = 200000', 'fps = "5-30"\n'))).toEqual([])
  expect(problemsOf(module('exposure-time-us = 4000000', 'fps = "5-30"\n'))).toEqual([
    'config.toml:5: camera1.controls.exposure-time-us: 4000000 is longer than a frame at fps = 5-30: write fps = 0.2, or at most 200000 here',
  ])
})

test('controls that contradict each other are an error', () => {
  expect(problemsOf(module('autofocus = "continuous"\nlens-position = 2'))).toEqual([
    'config.toml:5: camera1.controls.lens-position: has no effect while autofocus is "continuous": write autofocus = "manual"',
  ])
  expect(problemsOf(module('awb = "daylight"\ncolour-gains = [1, 2]'))).toEqual([
    'config.toml:4: camera1.controls.awb: has no effect with colour-gains: delete one of them',
  ])
  expect(problemsOf(module('autofocus = "manual"\nlens-position = 2'))).toEqual([])
})

test.each<[Controls, string[]]>([
  [{ 'autofocus-range': 'macro' }, []],
  [
    { 'lens-position': 2, 'autofocus-range': 'macro' },
    ['autofocus-range', 'autofocus-speed', 'autofocus-window'],
  ],
  [{ autofocus: 'manual' }, ['autofocus-range', 'autofocus-speed', 'autofocus-window']],
  [{ 'exposure-time-us': 100 }, []],
  [{ 'exposure-time-us': 100, 'analogue-gain': 2 }, ['exposure', 'exposure-value', 'metering']],
])('%j leaves %j without effect', (controls, dormant) =>
  expect([...dormantControls(controls).keys()]).toEqual(dormant),
)

describe('controls of a V4L2 device', () => {
  test.each(['brightness = 128', 'auto_exposure = "Manual Mode"', 'focus_automatic_continuous = false'])(
    '%s is accepted',
    (line) => expect(problemsOf(usb(line))).toEqual([]),
  )
  test.each([
    ['focus_absolute = 2.5', 'focus_absolute: 2.5 is not a whole number: write 3'],
    [
      'pan = [1, 2]',
      'pan: a list is no value of a control: write a whole number, true, false, or the text of a choice',
    ],
    [
      'Focus-Absolute = 2',
      'Focus-Absolute: is not a name of v4l2-ctl: write "focus_absolute", if v4l2-ctl --list-ctrls prints that',
    ],
  ])('%s', (line, problem) =>
    expect(problemsOf(usb(line))).toEqual([`config.toml:4: camera1.controls.${problem}`]),
  )
  test('a name of a camera module is explained', () =>
    expect(problemsOf(usb('exposure-time-us = 3'))[0]).toContain('is a control of camera modules'))
})

test('controls of cameras that have none are an error', () => {
  expect(problemsOf('[camera1]\ndevice = "test:smpte"\ncontrols = { a = 1 }\n')).toEqual([
    'config.toml:3: camera1.controls: does nothing for a test picture: delete it',
  ])
  expect(problemsOf('[camera1]\ndevice = "rtp://127.0.0.1:5004"\ncontrols = { a = 1 }\n')).toEqual([
    'config.toml:3: camera1.controls: does nothing for a camera that another program sends: delete it',
  ])
})

test('hdr and tuning-file are for camera modules only', () =>
  expect(problemsOf('[camera1]\ndevice = "/dev/video0"\nhdr = true\ntuning-file = "/a.json"\n')).toEqual([
    'config.toml:3: camera1.hdr: does nothing for this device, which is no camera module: delete it',
    'config.toml:4: camera1.tuning-file: does nothing for this device, which is no camera module: delete it',
  ]))

test('field-of-view selects among sensor modes, which only a camera module has', () => {
  const usb = (value: string): readonly string[] =>
    problemsOf(`[camera1]\ndevice = "/dev/video0"\nfield-of-view = "${value}"\n`)
  for (const value of ['auto', '1640x1232'])
    expect(usb(value)).toEqual([
      'config.toml:3: camera1.field-of-view: does nothing for this device, which is no camera module: delete it',
    ])
  expect(usb('full')).toEqual([])
})

test('test mode has no controls', () =>
  expect(testModeConfig(parseConfig(module('brightness = 1'), 'a')).cameras[0]!.controls).toEqual({}))
