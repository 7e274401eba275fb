// @ts-check
/** The settings of a camera as text. Pure. */

/**
 * @typedef {import('./settings-api.js').Control} Control
 * @typedef {import('./settings-api.js').Value} Value
 */

/** In the order of the panel. */
const groups = /** @type {const} */ ({
  focus: 'Focus',
  exposure: 'Exposure',
  colour: 'Colour',
  picture: 'Picture',
  other: 'Other',
})

/** Where the words of the key are not the words of a user. @type {Record<string, string>} */
const labels = {
  'analogue-gain': 'Gain',
  autofocus: 'Focus mode',
  awb: 'White balance',
  'autofocus-range': 'Focus range',
  'autofocus-speed': 'Focus speed',
  'autofocus-window': 'Focus window',
  'exposure-time-us': 'Exposure time',
  'exposure-value': 'Exposure compensation',
}

/** @type {Record<string, string[]>} */
const partLabels = {
  'colour-gains': ['Red', 'Blue'],
}
const rectangleParts = ['Left', 'Top', 'Width', 'Height']

/** "exposure-time-us" -> "Exposure time", "white_balance_automatic" -> "White balance automatic". @param {string} name */
export function labelOf(name) {
  const known = Object.hasOwn(labels, name) ? labels[name] : undefined
  if (known) return known
  const words = name.replaceAll(/[-_]+/g, ' ').trim()
  return words === '' ? name : `${words[0]?.toUpperCase()}${words.slice(1)}`
}

/** @param {Pick<Control, 'name' | 'type' | 'length'>} control */
export function partLabelsOf({ name, type, length = type === 'rectangle' ? 4 : 1 }) {
  const known =
    type === 'rectangle' ? rectangleParts : Object.hasOwn(partLabels, name) ? partLabels[name] : []
  return Array.from({ length }, (_, i) => known?.[i] ?? `Value ${i + 1}`)
}

/** Controls by group, in the order of the panel; empty groups are absent. @param {Control[]} controls */
export function groupsOf(controls) {
  const groupOf = (/** @type {Control} */ { group }) => (Object.hasOwn(groups, group) ? group : 'other')
  return Object.entries(groups)
    .map(([group, title]) => ({
      group,
      title,
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
    if (value <= 0) return 'infinity'
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
  const what = changed.length === 0 ? '' : `: ${changed.map(labelOf).join(', ')}`
  return `Saved in ${path}${what}.${backup ? ` The previous file is ${backup}.` : ''}`
}

/** @param {Pick<import('./settings-api.js').Settings, 'why'>} settings */
export const emptyText = ({ why }) => why || 'This camera has no settings that can be changed here.'
