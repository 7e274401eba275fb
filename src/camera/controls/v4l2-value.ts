import { didYouMean } from '../../lib/suggest.js'
import type { ControlValue } from '../../config/types.js'
import { isSettable, type V4l2Control } from './v4l2-list.js'

/** What v4l2-ctl sets, or why the camera cannot have it: the end of a sentence that begins with the name. */
export type V4l2Value = { value: number } | { problem: string }

export function v4l2Value(control: V4l2Control, wanted: ControlValue): V4l2Value {
  const { type, min, max, menu } = control
  if (!isSettable(control)) return { problem: whyNotSettable(control) }
  if (type === 'bool') {
    if (typeof wanted === 'boolean') return { value: Number(wanted) }
    return wanted === 0 || wanted === 1
      ? { value: wanted }
      : { problem: `${shown(wanted)} is neither true nor false` }
  }
  if (typeof wanted === 'string') {
    const labels = [...menu]
    const found = labels.find(([, label]) => label.toLowerCase() === wanted.toLowerCase())
    if (found !== undefined) return { value: found[0] }
    if (labels.length === 0)
      return { problem: `${shown(wanted)} is text: write a whole number from ${min} to ${max}` }
    const near = didYouMean(
      wanted,
      labels.map(([, label]) => label),
    )
    return { problem: `${shown(wanted)} is not a choice${near || `: write ${choices(control)}`}` }
  }
  if (typeof wanted === 'boolean') {
    return { problem: `${wanted} is not a number: write one from ${min} to ${max}` }
  }
  if (typeof wanted !== 'number' || !Number.isSafeInteger(wanted))
    return { problem: `${shown(wanted)} is not a whole number: write one from ${min} to ${max}` }
  if (menu.size > 0)
    return menu.has(wanted)
      ? { value: wanted }
      : { problem: `${wanted} is not a choice: write ${choices(control)}` }
  if (wanted < min) return { problem: `${wanted} is too small: from ${min} to ${max}` }
  if (wanted > max) return { problem: `${wanted} is too large: from ${min} to ${max}` }
  return { value: wanted }
}

function whyNotSettable({ type, flags }: V4l2Control): string {
  if (type === 'button') return 'is a button, which has no value'
  if (type === 'other') return 'has a type that this program does not set'
  if (flags.has('read-only')) return 'can only be read'
  return `cannot be set: v4l2-ctl reports ${[...flags].join(', ')}`
}

const choices = ({ menu }: V4l2Control): string =>
  [...menu].map(([index, label]) => `${index} (${label})`).join(', ')

const shown = (value: ControlValue): string => JSON.stringify(value)
