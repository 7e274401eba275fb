import type { ControlGroup } from '../../config/libcamera-controls.js'
import type { ControlDescription } from './description.js'
import { automaticOf } from './v4l2-automatic.js'
import { isSettable, type V4l2Control } from './v4l2-list.js'

const GROUPS: readonly (readonly [RegExp, ControlGroup])[] = [
  [/focus/, 'focus'],
  [/exposure|gain|iris|iso|backlight|wide_dynamic/, 'exposure'],
  [/white_balance|hue|saturation|colou?r|balance|chroma/, 'colour'],
  [/brightness|contrast|sharpness|gamma|zoom|pan|tilt|flip|power_line/, 'picture'],
]

/** Buttons, read-only controls and types without one number are absent. */
export function describeV4l2(controls: readonly V4l2Control[]): ControlDescription[] {
  const names = new Set(controls.map(({ name }) => name))
  return controls.filter(isSettable).map((control) => describe(control, names))
}

function describe(control: V4l2Control, names: ReadonlySet<string>): ControlDescription {
  const { name, type, min, max, step, menu, flags } = control
  const group = GROUPS.find(([pattern]) => pattern.test(name))?.[1] ?? 'other'
  const isChoice = menu.size > 0
  return {
    name,
    group,
    type: type === 'bool' ? 'boolean' : isChoice ? 'choice' : 'integer',
    ...(type === 'bool'
      ? {}
      : isChoice
        ? { choices: Array.from(menu, ([value, label]) => ({ value, label })) }
        : { min, max, step }),
    default: shownValue(control, control.default),
    value: shownValue(control, control.value),
    applies: 'live',
    ...(flags.has('inactive') ? { inactive: true as const, why: whyInactive(name, names) } : {}),
  }
}

function whyInactive(name: string, names: ReadonlySet<string>): string {
  const automatic = automaticOf(name, (other) => names.has(other))
  return automatic === undefined
    ? 'The camera does not use it now.'
    : `${automatic.name} sets it. A value of your own switches that off.`
}

const shownValue = ({ type }: V4l2Control, value: number | undefined): number | boolean | undefined =>
  value === undefined || type !== 'bool' ? value : value !== 0
