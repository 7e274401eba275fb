import { describe, expect, test } from 'vitest'
import { exampleCamera, exampleMachine } from '../../../test/fakes/examples.js'
import { LIBCAMERA_CONTROL_NAMES } from '../../config/libcamera-controls.js'
import type { CameraConfig, Controls } from '../../config/types.js'
import { captureCommand } from './command.js'
import {
  controlObstacle,
  fixedFocusNote,
  libcameraProperties,
  libcameraVersion,
} from './libcamera-controls.js'
import { sensorNameOf, sensorOf } from './sensors.js'

/** What gst-inspect-1.0 libcamerasrc lists, by version. */
const OF_0_4 =
  'camera-name ae-enable ae-metering-mode ae-constraint-mode ae-exposure-mode exposure-value exposure-time analogue-gain ' +
  'ae-flicker-period brightness contrast awb-enable awb-mode colour-gains saturation sharpness colour-correction-matrix ' +
  'scaler-crop digital-gain af-mode af-range af-speed af-metering af-windows lens-position gamma'
const VERSIONS = {
  '0.0.3': 'camera-name',
  '0.3.2': 'camera-name auto-focus-mode',
  '0.4.0': OF_0_4,
  '0.5.0': `${OF_0_4} exposure-time-mode analogue-gain-mode`,
  '0.7.1': `${OF_0_4} exposure-time-mode analogue-gain-mode sensor-config`,
}
const machineWith = (version: keyof typeof VERSIONS) =>
  exampleMachine({ libcamerasrcProperties: new Set(VERSIONS[version].split(' ')) })

const module = (controls: Controls, about: Partial<CameraConfig> = {}): CameraConfig =>
  exampleCamera({ device: { kind: 'libcamera', name: '/base/soc/i2c@1/imx708@1a' }, controls, ...about })
const propertiesOf = (controls: Controls, version: keyof typeof VERSIONS = '0.5.0', about = {}): string[] =>
  libcameraProperties(module(controls, about), machineWith(version))

describe('a control becomes properties of libcamerasrc', () => {
  test.each<[Controls, string[]]>([
    [{}, []],
    [{ brightness: -0.2 }, ['brightness=-0.2']],
    [{ contrast: 1.5, saturation: 0, sharpness: 2 }, ['contrast=1.5', 'saturation=0', 'sharpness=2']],
    [{ exposure: 'short' }, ['ae-exposure-mode=short']],
    [{ 'exposure-value': -1 }, ['exposure-value=-1']],
    [{ metering: 'spot' }, ['ae-metering-mode=spot']],
    [{ 'exposure-time-us': 5000 }, ['exposure-time=5000', 'exposure-time-mode=manual']],
    [{ 'analogue-gain': 2.5 }, ['analogue-gain=2.5', 'analogue-gain-mode=manual']],
    [{ awb: 'cloudy' }, ['awb-mode=cloudy']],
    [{ 'colour-gains': [2, 1.5] }, ['awb-enable=false', 'colour-gains=<2.0,1.5>']],
    [{ 'autofocus-range': 'macro', 'autofocus-speed': 'fast' }, ['af-range=macro', 'af-speed=fast']],
  ])('%j', (controls, properties) =>
    expect(propertiesOf(controls).filter((property) => property !== 'af-mode=continuous')).toEqual(
      properties,
    ),
  )

  test('libcamera 0.4.0 has no modes for exposure time and gain: the value alone fixes them', () =>
    expect(propertiesOf({ 'exposure-time-us': 5000, 'analogue-gain': 2 }, '0.4.0')).toEqual([
      'exposure-time=5000',
      'analogue-gain=2',
      'af-mode=continuous',
    ]))

  test('focus is continuous unless it is fixed', () => {
    expect(propertiesOf({})).toEqual(['af-mode=continuous'])
    expect(propertiesOf({ autofocus: 'continuous' })).toEqual(['af-mode=continuous'])
    expect(propertiesOf({ autofocus: 'manual' })).toEqual(['af-mode=manual'])
    expect(propertiesOf({ 'lens-position': 2 })).toEqual(['af-mode=manual', 'lens-position=2'])
    expect(propertiesOf({}, '0.3.2')).toEqual([])
  })
})

describe('rectangles are fractions of the picture, and become pixels of the sensor', () => {
  const zoom = (rectangle: number[], width: number, height: number): string | undefined =>
    propertiesOf({ zoom: rectangle }, '0.5.0', { width, height }).find((one) => one.startsWith('scaler-crop'))
  test('of the whole sensor, with its proportions', () => {
    expect(zoom([0, 0, 1, 1], 1280, 720)).toBe('scaler-crop=<0,0,4608,2592>')
    expect(zoom([0.25, 0.25, 0.5, 0.5], 1280, 720)).toBe('scaler-crop=<1152,648,2304,1296>')
  })
  test('of its middle, with other proportions, so that nothing is stretched', () => {
    expect(zoom([0, 0, 1, 1], 640, 480)).toBe('scaler-crop=<576,0,3456,2592>')
    expect(zoom([0.5, 0, 0.5, 0.5], 640, 480)).toBe('scaler-crop=<2304,0,1728,1296>')
  })
  test('also for focus', () =>
    expect(
      propertiesOf({ 'autofocus-window': [0.5, 0.5, 0.25, 0.25] }, '0.5.0', { width: 1280, height: 720 }),
    ).toEqual(['af-mode=continuous', 'af-metering=windows', 'af-windows=<<2304,1296,1152,648>>']))
})

describe('what this libcamera cannot do is a failure that names a version that can', () => {
  test.each(['0.0.3', '0.3.2'] as const)('%s has no control', (version) => {
    for (const name of LIBCAMERA_CONTROL_NAMES)
      expect(controlObstacle(module({ [name]: 1 }), machineWith(version))).toMatchObject({
        cause: 'control-unsupported',
        message: expect.stringContaining(`cannot set ${name}: version 0.4.0 can`) as string,
        hint: expect.stringContaining(`delete ${name} from [camera1.controls]`) as string,
      })
  })
  test.each(['0.4.0', '0.5.0', '0.7.1'] as const)('%s has every control', (version) =>
    expect(
      controlObstacle(
        module(Object.fromEntries(LIBCAMERA_CONTROL_NAMES.map((name) => [name, 1]))),
        machineWith(version),
      ),
    ).toBeUndefined(),
  )
  test('a camera without controls is fine with any version', () =>
    expect(controlObstacle(module({}), machineWith('0.0.3'))).toBeUndefined())
  test('zoom needs the size of the sensor', () =>
    expect(
      controlObstacle(
        module({ zoom: [0, 0, 0.5, 0.5] }, { device: { kind: 'libcamera', name: '/base/x/imx999@1a' } }),
        machineWith('0.5.0'),
      ),
    ).toMatchObject({
      cause: 'control-unsupported',
      message: expect.stringContaining('"imx999" is unknown') as string,
    }))
  test('the version follows from the properties', () =>
    expect(Object.keys(VERSIONS).map((version) => libcameraVersion(machineWith(version as '0.4.0')))).toEqual(
      ['before 0.1.0', '0.1.0 to 0.3.2', '0.4.0', '0.5.0 to 0.7.0', '0.7.1 or later'],
    ))
})

test('a module without a motorised lens is noted', () => {
  const imx219 = { kind: 'libcamera', name: '/base/soc/i2c@1/imx219@10' } as const
  expect(fixedFocusNote(module({ 'lens-position': 1 }, { device: imx219 }))).toContain(
    'imx219 have no motorised lens',
  )
  expect(fixedFocusNote(module({ brightness: 1 }, { device: imx219 }))).toBeUndefined()
  expect(fixedFocusNote(module({ 'lens-position': 1 }))).toBeUndefined()
})

test.each([
  ['/base/soc/i2c0mux/i2c@1/imx708@1a', 'imx708', 4608],
  ['imx708_wide_noir', 'imx708', 4608],
  ['/base/axi/pcie@1000120000/rp1/i2c@88000/imx219@10', 'imx219', 3280],
  ['platform/vimc.0 Sensor B', 'b', undefined],
])('%s has the sensor %s', (name, sensor, width) => {
  expect(sensorNameOf(name)).toBe(sensor)
  expect(sensorOf(name)?.width).toBe(width)
})

describe('the capture command', () => {
  const ports = { rtpPort: 1, rtcpPort: 2, feedbackPort: 3 }
  const commandOf = (camera: CameraConfig, version: keyof typeof VERSIONS) =>
    captureCommand({ camera, ports, machine: machineWith(version), env: {}, debug: false })
  test('has the controls beside the name of the camera', () => {
    const command = commandOf(module({ brightness: 0.1 }), '0.5.0')
    if ('cause' in command) throw new Error(command.message)
    const { args } = command
    const source = args.slice(args.indexOf('libcamerasrc'), args.indexOf('!'))
    expect(source).toEqual(
      expect.arrayContaining([
        'camera-name=/base/soc/i2c@1/imx708@1a',
        'brightness=0.1',
        'af-mode=continuous',
      ]),
    )
  })
  test('is a failure if this libcamera cannot apply them', () =>
    expect(commandOf(module({ brightness: 0.1 }), '0.0.3')).toMatchObject({ cause: 'control-unsupported' }))
  test('has the tuning file in its environment, for a camera module only', () => {
    const tuningFile = '/usr/share/libcamera/ipa/rpi/vc4/imx219_noir.json'
    expect(commandOf(module({}, { tuningFile }), '0.5.0')).toMatchObject({
      env: { LIBCAMERA_RPI_TUNING_FILE: tuningFile },
    })
    const usb = exampleCamera({ device: { kind: 'v4l2', path: '/dev/video0' }, tuningFile })
    expect(commandOf(usb, '0.5.0')).not.toHaveProperty('env.LIBCAMERA_RPI_TUNING_FILE')
  })
})
