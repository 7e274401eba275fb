import { wrongType } from './values.js'

/** A number, a switch, a choice, or a list of numbers such as a rectangle. */
export type ControlValue = number | boolean | string | readonly number[]

/** [cameraN.controls]: names as the file has them, such as `exposure-time-us` or v4l2-ctl's `focus_absolute`. */
export type Controls = Readonly<Record<string, ControlValue>>

/** @throws Error whose message is the rest of a sentence about the table. */
export function parseControls(value: unknown): Controls {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Date)
    throw new Error(`${wrongType(value, 'a table')}: write [cameraN.controls] and the controls below it`)
  for (const [name, control] of Object.entries(value))
    if (!isControlValue(control))
      throw new Error(`has ${name}, whose value is no number, switch, text or list of numbers`)
  return value as Controls
}

const isControlValue = (value: unknown): value is ControlValue =>
  ['number', 'boolean', 'string'].includes(typeof value) ||
  (Array.isArray(value) && value.every((one) => typeof one === 'number'))
