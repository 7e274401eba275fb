// @ts-check
/** The settings of a camera as text. */

import { words } from './page-words.js'

/**
 * @typedef {import('./settings-api.js').Control} Control
 * @typedef {import('./settings-api.js').Value} Value
 */

/** In the order of the panel. */
const groups = ['focus', 'exposure', 'colour', 'picture', 'other']

/** @type {Record<string, string[]>} */
const parts = {
  'colour-gains': ['settings.part.red', 'settings.part.blue'],
}
const rectangleParts = [
  'settings.part.left',
  'settings.part.top',
  'settings.part.width',
  'settings.part.height',
]

/** "exposure-time-us" -> "Exposure time"; without words the name itself: "white_balance_automatic" -> "White balance automatic". @param {string} name */
export function labelOf(name) {
  const key = `settings.label.${name}`
  if (words.has(key)) return words.text(key)
  const spaced = name.replaceAll(/[-_]+/g, ' ').trim()
  return spaced === '' ? name : `${spaced[0]?.toUpperCase()}${spaced.slice(1)}`
}

/** @param {Pick<Control, 'name' | 'type' | 'length'>} control */
export function partLabelsOf({ name, type, length = type === 'rectangle' ? 4 : 1 }) {
  const known = type === 'rectangle' ? rectangleParts : Object.hasOwn(parts, name) ? parts[name] : []
  return Array.from({ length }, (_, i) => {
    const key = known?.[i]
    return key ? words.text(key) : words.text('settings.value-number', { number: i + 1 })
  })
}

/** Controls by group, in the order of the panel; empty groups are absent. @param {Control[]} controls */
export function groupsOf(controls) {
  const groupOf = (/** @type {Control} */ { group }) => (groups.includes(group) ? group : 'other')
  return groups
    .map((group) => ({
      group,
      title: words.text(`settings.group.${group}`),
      controls: controls.filter((control) => groupOf(control) === group),
    }))
    .filter((group) => group.controls.length > 0)
}

/** @param {string | undefined} unit */
export const unitOf = (unit = '') => (unit === 'us' ? 'µs' : unit)

/** A value with its unit, and what it means. @param {number} value @param {string | undefined} unit */
export function valueText(value, unit) {
  const meaning = meaningOf(value, unit)
  return [`${value} ${unitOf(unit)}`.trim(), meaning].filter(Boolean).join(', ')
}

/** 16667 us -> "1/60 s", 2 dioptres -> "50 cm"; otherwise "". @param {number} value @param {string | undefined} unit */
export function meaningOf(value, unit) {
  if (unit === 'us' && value > 0)
    return value >= 250_000 ? `${round(value / 1e6, 2)} s` : `1/${Math.max(1, Math.round(1e6 / value))} s`
  if (unit === 'dioptres') {
    if (value <= 0) return words.text('settings.infinity')
    return value > 1 ? `${round(100 / value, value > 5 ? 1 : 0)} cm` : `${round(1 / value, 1)} m`
  }
  return ''
}

/** @param {number} value @param {number} digits */
const round = (value, digits) => Number(value.toFixed(digits))

/** @param {Value | undefined} a @param {Value | undefined} b */
export const sameValue = (a, b) => JSON.stringify(a) === JSON.stringify(b)

/** @param {import('./settings-api.js').Saved} saved */
export function savedText({ path, backup, changed }) {
  const saved =
    changed.length === 0
      ? words.text('settings.saved-in', { path })
      : words.text('settings.saved-what', { path, names: words.list(changed.map(labelOf)) })
  return backup ? `${saved} ${words.text('settings.backup', { path: backup })}` : saved
}

/** @param {Pick<import('./settings-api.js').Settings, 'why'>} settings */
export const emptyText = ({ why }) => why || words.text('settings.empty')
