// @ts-check
/** Sizes and frame rates to choose from. A choice fills in the fields beside it, which accept every other value too. */

import { element } from './element.js'
import { words } from './page-words.js'

/**
 * @typedef {import('../src/http/routes/owner-answer.js').SizeAnswer} Size
 * @typedef {{ field: import('./owner-words.js').Field, input: HTMLInputElement | HTMLSelectElement }} Input
 */

/** What many cameras and every encoder accept: offered while the camera's own sizes are not known. */
const usualSizes = ['640x480', '800x600', '1280x720', '1920x1080']

/** @param {readonly Input[]} inputs of the form @param {string} camera */
export function createSuggestions(inputs, camera) {
  const [width, height, fps] = ['width', 'height', 'fps'].map((name) =>
    inputs.find(({ field }) => field.name === name),
  )
  if (!width || !height || !fps) return undefined
  const sizes = createChooser(`${camera}-size`, words.text('owner.other-size'))
  const rates = createChooser(`${camera}-rate`, words.text('owner.other-rate'))
  /** @type {readonly Size[]} */
  let known = []
  sizes.select.addEventListener('input', () => {
    const [w, h] = sizes.select.value.split('x')
    if (w && h) [width.input.value, height.input.value] = [w, h]
  })
  rates.select.addEventListener('input', () => {
    if (rates.select.value !== '') fps.input.value = rates.select.value
  })

  /** Shows the choices that the fields have, after each change of them. */
  const follow = () => {
    const size = `${shown(width)}x${shown(height)}`
    sizes.show(size)
    const list = known.find((one) => keyOf(one) === size)?.rates ?? []
    rates.offer(
      words.text('owner.camera-rates'),
      list.map((rate) => [String(rate), words.text('tile.value.fps', { value: rate })]),
    )
    rates.show(shown(fps))
  }

  /** @param {readonly Size[]} list what the camera delivers; none if it is not known */
  const suggest = (list) => {
    known = list
    const keys = list.length > 0 ? list.map(keyOf) : usualSizes
    sizes.offer(
      words.text(list.length > 0 ? 'owner.camera-sizes' : 'owner.usual-sizes'),
      keys.map((key) => [key, key.replace('x', ' × ')]),
    )
    follow()
  }

  return { sizes: sizes.row, rates: rates.row, suggest, follow }
}

/** @param {Size} size */
const keyOf = ({ width, height }) => `${width}x${height}`

/** @param {Input} input */
const shown = ({ field, input }) => input.value.trim() || String(field.default ?? '')

/** A list without options is not there. @param {string} id @param {string} other */
function createChooser(id, other) {
  const select = element('select', { id })
  const label = element('label', { for: id })
  const row = element('div', { class: 'owner-field', hidden: '' })
  row.append(label, select)
  let offered = ''
  return {
    row,
    select,
    /** @param {string} text @param {string[][]} options each its value and what is shown */
    offer(text, options) {
      label.textContent = text
      row.hidden = options.length === 0
      const now = JSON.stringify(options)
      if (now === offered) return
      offered = now
      select.replaceChildren(
        ...options.map(([value = '', shownAs = '']) => element('option', { value }, shownAs)),
        // Shown for other values: these are typed into the fields.
        element('option', { value: '', disabled: '' }, other),
      )
    },
    /** @param {string} value */
    show(value) {
      select.value = value
      if (select.selectedIndex < 0) select.value = ''
    },
  }
}
