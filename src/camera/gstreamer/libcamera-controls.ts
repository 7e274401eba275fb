import {
  isLibcameraControl,
  LIBCAMERA_CONTROL_NAMES,
  LIBCAMERA_CONTROLS,
  type LibcameraControlName,
} from '../../config/libcamera-controls.js'
import type { CameraConfig, Controls } from '../../config/types.js'
import type { CameraFailure } from '../camera-failure.js'
import type { Machine } from './machine.js'
import { sensorNameOf, sensorOf, type PixelArray } from './sensors.js'

type Module = Pick<CameraConfig, 'key' | 'device' | 'width' | 'height' | 'controls'>
type Properties = Pick<Machine, 'libcamerasrcProperties'>

/** Why this libcamera cannot apply the controls of a camera; undefined if it can. */
export function controlObstacle(camera: Module, machine: Properties): CameraFailure | undefined {
  const { key, device, controls } = camera
  if (device.kind !== 'libcamera') return undefined
  const unsupported = LIBCAMERA_CONTROL_NAMES.filter(
    (name) => controls[name] !== undefined && !isSupported(name, machine),
  )
  if (unsupported.length > 0) {
    const since = LIBCAMERA_CONTROLS[unsupported[0]!].since
    return {
      cause: 'control-unsupported',
      message: `This libcamera (${libcameraVersion(machine)}) cannot set ${unsupported.join(', ')}: version ${since} can.`,
      hint: `Update libcamera to ${since} or later, as Raspberry Pi OS does with sudo apt full-upgrade, or delete ${unsupported.join(', ')} from [${key}.controls].`,
    }
  }
  const inPixels = (['zoom', 'autofocus-window'] as const).filter((name) => controls[name] !== undefined)
  if (inPixels.length === 0 || sensorOf(device.name) !== undefined) return undefined
  return {
    cause: 'control-unsupported',
    message: `The size of the sensor "${sensorNameOf(device.name) ?? device.name}" is unknown, and ${inPixels.join(' and ')} needs it.`,
    hint: `Delete ${inPixels.join(' and ')} from [${key}.controls], and please report the name of the sensor.`,
  }
}

export const isSupported = (name: LibcameraControlName, { libcamerasrcProperties }: Properties): boolean =>
  LIBCAMERA_CONTROLS[name].properties.every((property) => libcamerasrcProperties.has(property))

/** From the properties that each release added: the element itself does not report a version. */
export function libcameraVersion({ libcamerasrcProperties: has }: Properties): string {
  if (has.has('sensor-config')) return '0.7.1 or later'
  if (has.has('exposure-time-mode')) return '0.5.0 to 0.7.0'
  if (has.has('brightness')) return '0.4.0'
  return has.has('auto-focus-mode') ? '0.1.0 to 0.3.2' : 'before 0.1.0'
}

/**
 * A note on a control that libcamera skips without an error, because the module has no motorised lens. Modules of other
 * manufacturers have one in front of the same sensor, so this is no failure.
 */
export function fixedFocusNote({
  device,
  controls,
}: Pick<Module, 'device' | 'controls'>): string | undefined {
  if (device.kind !== 'libcamera' || sensorOf(device.name)?.hasAutofocus !== false) return undefined
  const focus = Object.keys(controls).filter(
    (name) => isLibcameraControl(name) && LIBCAMERA_CONTROLS[name].group === 'focus',
  )
  return focus.length === 0
    ? undefined
    : `${focus.join(', ')}: modules with the sensor ${sensorNameOf(device.name)!} have no motorised lens, unless they are from another manufacturer.`
}

/** The properties of libcamerasrc. Dependent ones are written together. Call `controlObstacle` before. */
export function libcameraProperties(camera: Module, machine: Properties): string[] {
  const { controls, device } = camera
  const has = machine.libcamerasrcProperties
  const sensor = device.kind === 'libcamera' ? sensorOf(device.name) : undefined
  const property = (name: string, of: keyof typeof LIBCAMERA_CONTROLS): string[] =>
    controls[of] === undefined ? [] : [`${name}=${plain(controls[of])}`]
  /** From 0.5.0 on, a fixed value is ignored without its mode; 0.4.0 has no such property. */
  const fixed = (name: string, of: keyof typeof LIBCAMERA_CONTROLS): string[] => [
    ...property(name, of),
    ...(controls[of] !== undefined && has.has(`${name}-mode`) ? [`${name}-mode=manual`] : []),
  ]
  const rectangle = (of: 'zoom' | 'autofocus-window'): string | undefined =>
    controls[of] === undefined || sensor === undefined
      ? undefined
      : inSensorPixels(controls[of] as Rectangle, sensor, camera)
  const crop = rectangle('zoom')
  const window = rectangle('autofocus-window')
  return [
    ...property('brightness', 'brightness'),
    ...property('contrast', 'contrast'),
    ...property('saturation', 'saturation'),
    ...property('sharpness', 'sharpness'),
    ...property('ae-exposure-mode', 'exposure'),
    ...fixed('exposure-time', 'exposure-time-us'),
    ...fixed('analogue-gain', 'analogue-gain'),
    ...property('exposure-value', 'exposure-value'),
    ...property('ae-metering-mode', 'metering'),
    ...(controls['colour-gains'] === undefined
      ? property('awb-mode', 'awb')
      : [
          'awb-enable=false',
          `colour-gains=<${(controls['colour-gains'] as number[]).map(decimal).join(',')}>`,
        ]),
    ...focus(controls, has),
    ...property('af-range', 'autofocus-range'),
    ...property('af-speed', 'autofocus-speed'),
    ...(window === undefined ? [] : ['af-metering=windows', `af-windows=<${window}>`]),
    ...(crop === undefined ? [] : [`scaler-crop=${crop}`]),
  ]
}

/**
 * A camera module with autofocus starts at manual focus. Only libcamerasrc from 0.4 on, which has af-mode, ignores it on
 * a module without autofocus; 0.1 to 0.3 fail. The automatic mode of af-mode would wait for a trigger that does not exist.
 */
function focus(controls: Controls, has: ReadonlySet<string>): string[] {
  if (!has.has('af-mode')) return []
  const position = controls['lens-position']
  const isManual = controls['autofocus'] === 'manual' || position !== undefined
  return [
    `af-mode=${isManual ? 'manual' : 'continuous'}`,
    ...(position === undefined ? [] : [`lens-position=${plain(position)}`]),
  ]
}

type Rectangle = readonly [x: number, y: number, width: number, height: number]

/**
 * `<x,y,width,height>` in pixels of the sensor. Fractions are of the picture, which is the largest part of the sensor with the
 * proportions of the video: a crop of other proportions would be stretched.
 */
function inSensorPixels(
  [x, y, width, height]: Rectangle,
  sensor: PixelArray,
  video: Pick<Module, 'width' | 'height'>,
): string {
  const scale = Math.min(sensor.width / video.width, sensor.height / video.height)
  const [w, h] = [video.width * scale, video.height * scale]
  const [left, top] = [(sensor.width - w) / 2, (sensor.height - h) / 2]
  return `<${[left + x * w, top + y * h, width * w, height * h].map(Math.round).join(',')}>`
}

/** Without an exponent, which GStreamer may not parse. */
const plain = (value: unknown): string =>
  typeof value === 'number' && Math.abs(value) < 1e-6 ? '0' : String(value)

/** Elements of an array take the type of their text: 2 would be an integer among floats. */
const decimal = (value: number): string => (Number.isInteger(value) ? `${value}.0` : plain(value))
