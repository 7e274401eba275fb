import { dormantControls, longestExposureUs } from '../../config/check-controls.js'
import {
  LIBCAMERA_CONTROL_NAMES,
  LIBCAMERA_CONTROLS,
  type LibcameraControlName,
} from '../../config/libcamera-controls.js'
import type { CameraConfig } from '../../config/types.js'
import { isSupported, libcameraVersion } from '../gstreamer/libcamera-controls.js'
import type { Machine } from '../gstreamer/machine.js'
import { sensorNameOf, sensorOf } from '../gstreamer/sensors.js'
import type { ControlDescription, ControlsDescription } from './description.js'

/** The controls that this libcamera and this sensor have. */
export function describeLibcamera(camera: CameraConfig, machine: Machine): ControlsDescription {
  const supported = LIBCAMERA_CONTROL_NAMES.filter((name) => isSupported(name, machine))
  if (supported.length === 0)
    return {
      kind: 'libcamera',
      why: `This libcamera (${libcameraVersion(machine)}) has no controls: version 0.4.0 has them.`,
      controls: [],
    }
  const name = camera.device.kind === 'libcamera' ? camera.device.name : ''
  const inPixels = ['zoom', 'autofocus-window']
  const available = supported.filter((one) => !inPixels.includes(one) || sensorOf(name) !== undefined)
  const inactive = new Map([...fixedFocus(camera, name), ...dormantControls(camera.controls)])
  return {
    kind: 'libcamera',
    controls: available.map((one) => describe(one, camera, inactive.get(one))),
  }
}

function describe(
  name: LibcameraControlName,
  { controls, fps }: CameraConfig,
  why: string | undefined,
): ControlDescription {
  const control = LIBCAMERA_CONTROLS[name]
  const { group, type, unit, default: fallback } = control
  const common = {
    name,
    group,
    type,
    default: fallback,
    value:
      controls[name] ??
      (name === 'autofocus' && controls['lens-position'] !== undefined ? 'manual' : fallback),
    unit,
    applies: 'restart' as const,
    ...(why === undefined ? {} : { inactive: true as const, why }),
  }
  switch (control.type) {
    case 'number':
    case 'integer': {
      const { min, max, step } = control
      return {
        ...common,
        min,
        max: name === 'exposure-time-us' ? Math.min(max, longestExposureUs(fps)) : max,
        step,
      }
    }
    case 'choice':
      return {
        ...common,
        choices: Object.entries(control.choices).map(([value, label]) => ({ value, label })),
      }
    case 'rectangle':
    case 'numbers': {
      const { min, max, length } = control
      return { ...common, min, max, length }
    }
  }
}

/** Controls of focus, unless the configuration has one of them: then its module has a lens of another manufacturer. */
function fixedFocus({ controls }: CameraConfig, device: string): [string, string][] {
  const ofFocus = LIBCAMERA_CONTROL_NAMES.filter((name) => LIBCAMERA_CONTROLS[name].group === 'focus')
  if (sensorOf(device)?.hasAutofocus !== false || ofFocus.some((name) => controls[name] !== undefined))
    return []
  const why = `Modules with the sensor ${sensorNameOf(device)!} have no motorised lens.`
  return ofFocus.map((name) => [name, why])
}
