import { wrongType } from './values.js'

/** A number, a switch, a choice, or a list of numbers such as a rectangle. */
export type ControlValue = number | boolean | string | readonly number[]

/** [cameraN.controls]: names as the file has them, such as `exposure-time-us` or v4l2-ctl's `focus_absolute`. */
export type Controls = Readonly<Record<string, ControlValue>>

/**
 * Names and values depend on the device, so check-controls.ts checks them.
 * @throws Error whose message is the rest of a sentence about the table.
 */
export function parseControls(value: unknown): Controls {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Date)
    throw new Error(`${wrongType(value, 'a table')}: write [cameraN.controls] and the controls below it`)
  return value as Controls
}

export const isControlValue = (value: unknown): value is ControlValue =>
  typeof value === 'boolean' ||
  typeof value === 'string' ||
  Number.isFinite(value) ||
  (Array.isArray(value) && value.every((one) => Number.isFinite(one)))
