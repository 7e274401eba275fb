import { closestMatch } from '../lib/suggest.js'
import { isControlValue, type Controls } from './controls.js'
import type { Device } from './device.js'
import { frameRateText, type FrameRate } from './frame-rate.js'
import {
  IMPOSSIBLE_CONTROLS,
  isLibcameraControl,
  LIBCAMERA_CONTROL_NAMES,
  LIBCAMERA_CONTROLS,
  MIN_RECTANGLE_SIDE,
  OTHER_NAMES,
  type LibcameraControl,
  type ListControl,
  type NumberControl,
} from './libcamera-controls.js'
import { notOneOf, shown, wrongType } from './values.js'

/** What is wrong with one control: the rest of a sentence that begins with its value, or with its name. */
export interface ControlProblem {
  /** Undefined for the table as a whole. */
  name: string | undefined
  value?: unknown
  message: string
}

/** A camera, as far as its controls depend on it. */
export interface ControlledCamera {
  device: Device
  fps: FrameRate
  controls: Controls
}

/** Everything that can be checked without the camera and its libcamera. */
export function checkControls({ device, fps, controls }: ControlledCamera): ControlProblem[] {
  const names = Object.keys(controls)
  switch (device.kind) {
    case 'libcamera': {
      const problems = names.flatMap((name) => checkLibcameraControl(name, controls[name]) ?? [])
      return problems.length > 0
        ? problems
        : [...contradictions(controls).map(asProblem), ...longExposure(controls, fps)]
    }
    case 'v4l2':
      return names.flatMap((name) => checkV4l2Control(name, controls[name]) ?? [])
    case 'test':
    case 'rtp':
    case 'whip':
      return names.length === 0
        ? []
        : [{ name: undefined, message: `does nothing for ${NO_CONTROLS[device.kind]}: delete it` }]
  }
}

export const NO_CONTROLS = {
  test: 'a test picture',
  rtp: 'a camera that another program sends',
  whip: 'a camera that another machine publishes',
} as const

/** `brightness: 2 is too large: from -1 to 1`. */
export const controlProblemText = ({ name, value, message }: ControlProblem): string =>
  [...(name === undefined ? [] : [name]), value === undefined ? message : `${shown(value)} ${message}`].join(
    ': ',
  )

/** @returns undefined if name and value are right. */
export function checkLibcameraControl(name: string, value: unknown): ControlProblem | undefined {
  if (!isLibcameraControl(name)) return { name, message: aboutUnknownName(name) }
  const message = aboutValue(name, LIBCAMERA_CONTROLS[name], value)
  return message === undefined ? undefined : { name, value, message }
}

function aboutUnknownName(name: string): string {
  const impossible = Object.hasOwn(IMPOSSIBLE_CONTROLS, name) ? IMPOSSIBLE_CONTROLS[name] : undefined
  if (impossible !== undefined) return impossible
  const ours = Object.hasOwn(OTHER_NAMES, name)
    ? OTHER_NAMES[name]
    : closestMatch(name, LIBCAMERA_CONTROL_NAMES)
  return ours === undefined
    ? `is not a control of a camera module, which has ${LIBCAMERA_CONTROL_NAMES.join(', ')}`
    : `is not a control: did you mean "${ours}"?`
}

function aboutValue(name: string, control: LibcameraControl, value: unknown): string | undefined {
  switch (control.type) {
    case 'number':
    case 'integer':
      return aboutNumber(control, value)
    case 'choice':
      if (typeof value === 'string' && Object.hasOwn(control.choices, value)) return undefined
      return name === 'autofocus' && value === 'auto'
        ? 'never focuses, because libcamerasrc cannot start it: write "continuous", or "manual" with lens-position'
        : notOneOf(value, `a value of ${name}`, Object.keys(control.choices))
    case 'rectangle':
    case 'numbers':
      return aboutList(control, value)
  }
}

function aboutNumber({ type, min, max }: NumberControl, value: unknown): string | undefined {
  const wanted = type === 'integer' ? 'a whole number' : 'a number'
  if (typeof value !== 'number' || !Number.isFinite(value)) return wrongType(value, wanted)
  if (type === 'integer' && !Number.isInteger(value))
    return `is not a whole number: write ${Math.round(value)}`
  if (value < min) return `is too small: from ${min} to ${max}`
  if (value > max) return `is too large: from ${min} to ${max}`
  return undefined
}

function aboutList({ type, length, min, max }: ListControl, value: unknown): string | undefined {
  const form = type === 'rectangle' ? '[x, y, width, height], each from 0 to 1' : '[red, blue]'
  if (!Array.isArray(value)) return `has to be a list: write ${form}`
  if (value.length !== length) return `has ${value.length} values instead of ${length}: write ${form}`
  const numbers = value as unknown[]
  const wrong = numbers.find((one) => typeof one !== 'number' || !(one >= min && one <= max))
  if (wrong !== undefined) return `has ${shown(wrong)} in it: each value is from ${min} to ${max}`
  if (type !== 'rectangle') return undefined
  const [x, y, width, height] = numbers as [number, number, number, number]
  if (width < MIN_RECTANGLE_SIDE || height < MIN_RECTANGLE_SIDE)
    return `is too small: width and height are at least ${MIN_RECTANGLE_SIDE}`
  const outside = (from: number, size: number): boolean => from + size > 1 + 1e-6
  if (outside(x, width)) return 'is outside of the picture: x + width is at most 1'
  return outside(y, height) ? 'is outside of the picture: y + height is at most 1' : undefined
}

/** A control that another one contradicts: libcamera would ignore it, so it is an error. */
export interface Contradiction {
  name: string
  because: string
  message: string
}

export function contradictions(controls: Controls): Contradiction[] {
  const found: Contradiction[] = []
  if (controls['autofocus'] === 'continuous' && controls['lens-position'] !== undefined)
    found.push({
      name: 'lens-position',
      because: 'autofocus',
      message: 'has no effect while autofocus is "continuous": write autofocus = "manual"',
    })
  if (controls['awb'] !== undefined && controls['colour-gains'] !== undefined)
    found.push({
      name: 'awb',
      because: 'colour-gains',
      message: 'has no effect with colour-gains: delete one of them',
    })
  return found
}

const asProblem = ({ name, message }: Contradiction): ControlProblem => ({ name, message })

/** Controls that have no effect until another one changes -> a sentence. They keep their values for then. */
export function dormantControls(controls: Controls): Map<string, string> {
  const isManual = controls['autofocus'] === 'manual' || controls['lens-position'] !== undefined
  const isFixed = controls['exposure-time-us'] !== undefined && controls['analogue-gain'] !== undefined
  const ofFocus = isManual ? ['autofocus-range', 'autofocus-speed', 'autofocus-window'] : []
  const ofExposure = isFixed ? ['exposure', 'exposure-value', 'metering'] : []
  return new Map([
    ...ofFocus.map((name) => [name, 'It has no effect while the focus is manual.'] as const),
    ...ofExposure.map(
      (name) => [name, 'It has no effect while exposure-time-us and analogue-gain are both fixed.'] as const,
    ),
  ])
}

/** The longest exposure at a frame rate: libcamerasrc fixes the duration of a frame, and libcamera would shorten the exposure. */
export const longestExposureUs = ({ min }: FrameRate): number => Math.floor(1e6 / min)

function longExposure(controls: Controls, fps: FrameRate): ControlProblem[] {
  const exposure = controls['exposure-time-us']
  if (typeof exposure !== 'number' || exposure <= longestExposureUs(fps)) return []
  const highest = 1e6 / exposure
  const rate = Math.max(0.1, highest >= 1 ? Math.floor(highest) : Math.floor(highest * 10) / 10)
  return [
    {
      name: 'exposure-time-us',
      value: exposure,
      message: `is longer than a frame at fps = ${frameRateText(fps)}: write fps = ${rate}, or at most ${longestExposureUs(fps)} here`,
    },
  ]
}

/** Which controls exist, only the camera knows. */
function checkV4l2Control(name: string, value: unknown): ControlProblem | undefined {
  if (!/^[a-z0-9][a-z0-9_]{0,63}$/.test(name)) {
    const message = isLibcameraControl(name)
      ? 'is a control of camera modules. For this device write the names that v4l2-ctl --list-ctrls prints, such as exposure_time_absolute'
      : `is not a name of v4l2-ctl: write ${JSON.stringify(name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_'))}, if v4l2-ctl --list-ctrls prints that`
    return { name, message }
  }
  if (!isControlValue(value) || Array.isArray(value))
    return {
      name,
      value,
      message: 'is no value of a control: write a whole number, true, false, or the text of a choice',
    }
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    return { name, value, message: `is not a whole number: write ${Math.round(value)}` }
  if (typeof value === 'string' && (/\p{Cc}/u.test(value) || value.length > 64))
    return { name, value, message: 'is no text of a choice: v4l2-ctl --list-ctrls-menus lists them' }
  return undefined
}
