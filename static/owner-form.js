// @ts-check
/** The form of a camera, one row for each key that the server lists. */

import { element } from './element.js'
import { ChangePreview } from './owner-change.js'
import { createSuggestions } from './owner-sizes.js'
import { labelOf, noteOf, valueOf, valueText } from './owner-words.js'
import { words } from './page-words.js'

/**
 * @typedef {import('./owner-words.js').Field} Field
 * @typedef {import('./owner-words.js').Value} Value
 */

/**
 * @param {string} camera @param {Field[]} fields
 * @param {import('./owner-api.js').OwnerApi} api @param {(path: string) => void} onSaved
 */
export function createForm(camera, fields, api, onSaved) {
  const root = element('form', { class: 'owner-form', novalidate: '' })
  const inputs = fields.map((field) => ({ field, input: createInput(field, `${camera}-${field.name}`) }))
  const suggestions = createSuggestions(inputs, camera)
  const reset = () => {
    for (const { field, input } of inputs) input.value = textOf(field.value)
    suggestions?.follow()
  }
  const preview = new ChangePreview(api, { saved: onSaved, discarded: reset })
  const rows = inputs.map(({ field, input }) => createRow(field, input))
  if (suggestions) {
    const at = (/** @type {string} */ name) => inputs.findIndex(({ field }) => field.name === name)
    rows.splice(at('fps'), 0, suggestions.rates)
    rows.splice(at('width'), 0, suggestions.sizes)
    suggestions.suggest([])
  }
  const grid = element('div', { class: 'owner-fields' })
  grid.append(...rows)
  root.append(grid, preview.root)
  reset()
  root.addEventListener('input', () => {
    suggestions?.follow()
    const values = changedValues(inputs)
    preview.show(Object.keys(values).length > 0 ? { camera, values } : null, { quiet: true })
  })
  root.addEventListener('submit', (event) => event.preventDefault())
  return { root, suggest: suggestions?.suggest ?? (() => {}) }
}

/** @param {{ field: Field, input: HTMLInputElement | HTMLSelectElement }[]} inputs */
function changedValues(inputs) {
  /** @type {Record<string, Value | null>} */
  const values = {}
  for (const { field, input } of inputs) {
    const value = valueOf(field, input.value)
    if (value !== (field.value ?? null)) values[field.name] = value
  }
  return values
}

/** @param {Value | undefined} value */
const textOf = (value) => (value === undefined ? '' : String(value))

/** @param {Field} field @param {HTMLElement} input */
function createRow(field, input) {
  const { name } = field
  const text = noteOf(field)
  const row = element('div', { class: 'owner-field', 'data-field': name })
  const note = element('p', { class: 'owner-about', id: `${input.id}-about`, dir: 'auto' }, text)
  row.append(element('label', { for: input.id }, labelOf(name)), input)
  if (text === '') return row
  input.setAttribute('aria-describedby', note.id)
  row.append(note)
  return row
}

/** @param {Field} field @param {string} id */
function createInput(field, id) {
  const { type, min, max, step, value } = field
  if (type === 'choice' || type === 'boolean') {
    const choices = type === 'boolean' ? ['true', 'false'] : (field.choices ?? [])
    const select = element('select', { id, name: field.name })
    const other = value !== undefined && !choices.includes(String(value)) ? [String(value)] : []
    select.append(
      element('option', { value: '' }, words.text('owner.default', { value: valueText(field.default) })),
      ...[...choices, ...other].map((choice) =>
        element('option', { value: choice }, valueText(type === 'boolean' ? choice === 'true' : choice)),
      ),
    )
    return select
  }
  const input = element('input', {
    id,
    name: field.name,
    autocomplete: 'off',
    placeholder: textOf(field.default),
  })
  if (type === 'integer') {
    input.type = 'number'
    input.min = textOf(min)
    input.max = textOf(max)
    input.step = textOf(step)
  } else if (type === 'number-or-text') input.inputMode = 'decimal'
  if (type === 'text') input.dir = 'auto'
  return input
}
