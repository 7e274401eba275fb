// @ts-check
/** One control in the settings panel: its label, its inputs, "back to default" and a note. */

import { setText } from './dom.js'
import { element } from './element.js'
import { words } from './page-words.js'
import { labelOf, sameValue } from './settings-format.js'
import { createInput } from './settings-input.js'

/**
 * @typedef {import('./settings-api.js').Control} Control
 * @typedef {import('./settings-api.js').Value} Value
 * @typedef {ReturnType<typeof createRow>} Row
 *
 * @typedef {object} RowEvents
 * @property {(name: string, value: Value | null) => void} change null: back to the default
 * @property {(name: string) => void} settled the user has finished a change
 */

/** @param {Control} control @param {string} id @param {RowEvents} on */
export function createRow(control, id, on) {
  const { name } = control
  const label = labelOf(name)
  const root = element('div', { class: 'setting', 'data-control': name })
  const input = createInput(control, label, {
    change: (value) => on.change(name, value),
    settled: () => on.settled(name),
  })
  const reset = element(
    'button',
    {
      type: 'button',
      class: 'setting-reset',
      'aria-label': words.text('settings.default-of', { name: label }),
      title: words.text('settings.default'),
    },
    '↺',
  )
  const note = element('p', { class: 'setting-note', id: `${id}-note` })
  input.first.id = id
  input.first.setAttribute('aria-describedby', note.id)
  root.append(element('label', { for: id }, label), reset, input.root, note)
  reset.addEventListener('click', () => {
    if (reset.ariaDisabled !== 'true') on.change(name, null)
  })

  return {
    name,
    root,
    isHeld: input.isHeld,
    /** Shows the value in force. @param {Control} now */
    showValue: (now) => {
      input.show(now.value)
      // Not `disabled`: the focus would leave the button that the user just pressed.
      reset.ariaDisabled = String(sameValue(now.value, now.default))
    },
    /** @param {Control} now @param {string} hint where the control is active */
    showState: (now, hint) => {
      const inactive = now.inactive === true
      input.disable(inactive)
      reset.disabled = inactive
      root.toggleAttribute('data-inactive', inactive)
      setText(note, inactive ? (now.why ?? words.text('settings.inactive')) : hint)
    },
  }
}
