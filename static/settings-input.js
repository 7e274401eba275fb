// @ts-check
/** The inputs of one control: a slider with a number, a switch, a choice, or several numbers. */

import { element } from './element.js'
import { words } from './page-words.js'
import { meaningOf, partLabelsOf, unitOf, valueText } from './settings-format.js'
import { scaleOf } from './slider-scale.js'

/**
 * @typedef {import('./settings-api.js').Control} Control
 * @typedef {import('./settings-api.js').Value} Value
 *
 * @typedef {object} InputEvents
 * @property {(value: Value) => void} change by the user
 * @property {() => void} settled the user has finished a movement or a text
 *
 * @typedef {object} Input
 * @property {HTMLElement} root
 * @property {HTMLElement} first labelled by the row
 * @property {(value: Value | undefined) => void} show
 * @property {(disabled: boolean) => void} disable
 * @property {() => boolean} isHeld whether the user is changing it now
 */

const undecided = () => words.text('settings.undecided')

/** @param {Control} control @param {string} label @param {InputEvents} on @returns {Input} */
export function createInput(control, label, on) {
  if (control.type === 'boolean') return createSwitch(on)
  if (control.type === 'choice') return createChoice(control, on)
  if (control.type === 'rectangle' || control.type === 'numbers') return createNumbers(control, label, on)
  return createNumber(control, label, on)
}

/** @param {InputEvents} on @returns {Input} */
function createSwitch(on) {
  const root = element('div', { class: 'setting-switch' })
  const box = element('input', { type: 'checkbox', role: 'switch' })
  const state = element('span', { 'aria-hidden': 'true' })
  root.append(box, state)
  box.addEventListener('change', () => on.change(box.checked))
  return {
    root,
    first: box,
    show: (value) => {
      box.checked = value === true
      state.textContent =
        value === undefined ? undecided() : words.text(value ? 'settings.on' : 'settings.off')
    },
    disable: (disabled) => (box.disabled = disabled),
    isHeld: () => false,
  }
}

/** @param {Control} control @param {InputEvents} on @returns {Input} */
function createChoice({ choices = [] }, on) {
  const select = element('select')
  const none = element('option', { value: '' }, undecided())
  // By index: a value may be a number, and the value of an option is text.
  select.append(none, ...choices.map(({ label }, i) => element('option', { value: String(i) }, label)))
  select.addEventListener('change', () => {
    const choice = choices[Number(select.value)]
    if (select.value !== '' && choice) on.change(choice.value)
  })
  return {
    root: select,
    first: select,
    show: (value) => {
      const index = choices.findIndex((choice) => choice.value === value)
      none.hidden = index !== -1
      none.textContent = value === undefined ? undecided() : String(value)
      select.value = index === -1 ? '' : String(index)
    },
    disable: (disabled) => (select.disabled = disabled),
    isHeld: () => false,
  }
}

/** @param {Control} control @param {string} label @param {InputEvents} on @returns {Input} */
function createNumber(control, label, on) {
  const { unit, default: byDefault } = control
  const scale = scaleOf(control)
  const root = element('div', { class: scale ? 'setting-slider' : 'setting-number' })
  const field = createField(
    control,
    (value) => {
      render(value)
      on.change(value)
    },
    on.settled,
  )
  const meaning = element('span', { class: 'setting-meaning' })
  const slider =
    scale &&
    createSlider(
      scale,
      (value) => {
        render(value)
        on.change(value)
      },
      on.settled,
    )
  if (slider) field.input.setAttribute('aria-label', words.text('settings.number-of', { name: label }))
  root.append(
    ...(slider ? [slider.input] : []),
    field.input,
    element('span', { class: 'setting-unit' }, unitOf(unit)),
    meaning,
  )

  /** @param {number | undefined} value */
  function render(value) {
    const shown = value ?? (typeof byDefault === 'number' ? byDefault : undefined)
    field.show(value)
    slider?.show(shown, value === undefined ? undecided() : valueText(value, unit))
    root.toggleAttribute('data-undecided', value === undefined)
    meaning.textContent = value === undefined ? '' : meaningOf(value, unit)
  }
  return {
    root,
    first: slider?.input ?? field.input,
    show: (value) => render(typeof value === 'number' ? value : undefined),
    disable: (disabled) => {
      field.input.disabled = disabled
      if (slider) slider.input.disabled = disabled
    },
    isHeld: () => field.isHeld() || Boolean(slider?.isHeld()),
  }
}

/** @param {Control} control @param {string} label @param {InputEvents} on @returns {Input} */
function createNumbers(control, label, on) {
  const labels = partLabelsOf(control)
  const root = element('div', { class: 'setting-numbers', role: 'group', 'aria-label': label })
  /** @type {(number | undefined)[]} */
  let values = []
  const fallback = Array.isArray(control.default)
    ? control.default
    : control.type === 'rectangle'
      ? [0, 0, 1, 1]
      : []
  const fields = labels.map((text, i) => {
    const field = createField(
      control,
      (value) => {
        values[i] = value
        const all = labels.map((_, part) => values[part] ?? fallback[part])
        // A gain that the user has not typed yet must not become 0.
        if (isComplete(all)) on.change(all)
      },
      on.settled,
    )
    const part = element('label', {}, text)
    part.append(field.input)
    root.append(part)
    return field
  })
  return {
    root,
    first: fields[0]?.input ?? root,
    show: (value) => {
      values = Array.isArray(value) ? [...value] : []
      fields.forEach((field, i) => field.show(values[i]))
    },
    disable: (disabled) => fields.forEach(({ input }) => (input.disabled = disabled)),
    isHeld: () => fields.some((field) => field.isHeld()) || isPartial(values, labels.length),
  }
}

/** @param {(number | undefined)[]} values @returns {values is number[]} */
const isComplete = (values) => values.every((value) => value !== undefined)

/** Whether the user has typed some of the numbers only. @param {(number | undefined)[]} values @param {number} length */
function isPartial(values, length) {
  const known = values.filter((value) => value !== undefined).length
  return known > 0 && known < length
}

/**
 * A text is a change once it is complete: after Enter, a step, or when the focus leaves.
 * @param {Control} control
 * @param {(value: number) => void} change
 * @param {() => void} settled
 */
function createField({ type, min, max, step }, change, settled) {
  const input = element('input', {
    type: 'number',
    inputmode: 'decimal',
    placeholder: words.text('settings.auto'),
  })
  input.step = String(step ?? (type === 'integer' ? 1 : 'any'))
  if (min !== undefined) input.min = String(min)
  if (max !== undefined) input.max = String(max)
  let edited = false
  input.addEventListener('input', () => (edited = true))
  input.addEventListener('change', () => {
    edited = false
    if (Number.isFinite(input.valueAsNumber)) change(input.valueAsNumber)
    settled()
  })
  input.addEventListener('blur', () => {
    if (!edited) return
    edited = false
    settled()
  })
  return {
    input,
    isHeld: () => edited,
    /** @param {number | undefined} value */
    show: (value) => {
      edited = false
      input.value = value === undefined ? '' : String(value)
    },
  }
}

/**
 * @param {import('./slider-scale.js').Scale} scale
 * @param {(value: number) => void} change
 * @param {() => void} settled
 */
function createSlider(scale, change, settled) {
  const input = element('input', { type: 'range' })
  input.min = String(scale.min)
  input.max = String(scale.max)
  input.step = String(scale.step)
  let pressed = false
  input.addEventListener('pointerdown', () => (pressed = true))
  for (const name of ['pointerup', 'pointercancel', 'blur', 'change'])
    input.addEventListener(name, () => {
      if (!pressed) return
      pressed = false
      settled()
    })
  input.addEventListener('input', () => change(scale.valueAt(input.valueAsNumber)))
  return {
    input,
    isHeld: () => pressed,
    /** @param {number | undefined} value @param {string} text */
    show: (value, text) => {
      // The thumb stays under the pointer, also between two values.
      if (!pressed) input.value = String(scale.positionOf(value ?? scale.valueAt(scale.min)))
      input.setAttribute('aria-valuetext', text)
    },
  }
}
