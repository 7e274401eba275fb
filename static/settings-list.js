// @ts-check
/** The controls of a camera by group, kept up to date with the answers of the server. */

import { find } from './dom.js'
import { element } from './element.js'
import { words } from './page-words.js'
import { groupsOf } from './settings-format.js'
import { createRow } from './settings-row.js'

/**
 * @typedef {import('./settings-api.js').Control} Control
 * @typedef {import('./settings-row.js').Row} Row
 *
 * @typedef {object} ListEvents
 * @property {(control: Control, value: import('./settings-api.js').Value | null) => void} change
 * @property {(name: string) => boolean} isChanging whether a newer value is on its way
 * @property {() => void} holdFocus
 */

export class SettingsList {
  #root
  #id
  #on
  /** @type {Map<string, Control>} */
  #controls = new Map()
  /** @type {Map<string, Row>} */
  #rows = new Map()
  #shape = ''

  /** @param {HTMLElement} root @param {string} id that begins those of its elements @param {ListEvents} on */
  constructor(root, id, on) {
    this.#root = root
    this.#id = id
    this.#on = on
  }

  /** Whether the picture pauses for every change, so that one sentence serves for all. */
  get restarts() {
    return (
      this.#controls.size > 0 && [...this.#controls.values()].every(({ applies }) => applies === 'restart')
    )
  }

  /** @param {Control[]} controls */
  show(controls) {
    this.#controls = new Map(controls.map((control) => [control.name, control]))
    const shape = JSON.stringify(controls.map(shapeOf))
    if (shape !== this.#shape) this.#build(controls)
    this.#shape = shape
    for (const { name, applies } of controls) {
      const hint = applies === 'restart' && !this.restarts ? words.text('settings.restarts') : ''
      this.#rows.get(name)?.showState(/** @type {Control} */ (this.#controls.get(name)), hint)
      this.#showValue(name)
    }
  }

  /** Shows the values in force, also of a control that the user is changing. @param {string[]} names */
  revert(names) {
    for (const name of names) {
      const control = this.#controls.get(name)
      if (control && !this.#on.isChanging(name)) this.#rows.get(name)?.showValue(control)
    }
  }

  /** @param {string} name */
  #showValue(name) {
    const [row, control] = [this.#rows.get(name), this.#controls.get(name)]
    if (row && control && !row.isHeld() && !this.#on.isChanging(name)) row.showValue(control)
  }

  /** @param {Control[]} controls */
  #build(controls) {
    const focused = document.activeElement?.closest('[data-control]')?.getAttribute('data-control')
    this.#rows.clear()
    const sections = groupsOf(controls).map(({ group, title, controls: members }, i) => {
      const section = element('section', { 'aria-labelledby': `${this.#id}-group-${i}` })
      const heading = element('h3', { id: `${this.#id}-group-${i}` }, title)
      const rows = members.map((control, j) => this.#createRow(control, `${this.#id}-setting-${i}-${j}`))
      section.append(
        heading,
        ...(group === 'focus' ? this.#holdButton() : []),
        ...rows.map(({ root }) => root),
      )
      return section
    })
    this.#root.replaceChildren(...sections)
    const row = focused ? this.#rows.get(focused)?.root : undefined
    if (row) find(row, 'input, select', HTMLElement).focus({ preventScroll: true })
  }

  /** @param {Control} control @param {string} id */
  #createRow(control, id) {
    const row = createRow(control, id, {
      change: (name, value) => {
        const now = this.#controls.get(name)
        if (now) this.#on.change(now, value)
      },
      settled: (name) => this.#showValue(name),
    })
    this.#rows.set(control.name, row)
    return row
  }

  #holdButton() {
    if (!focusHeld([...this.#controls.values()])) return []
    const button = element(
      'button',
      { type: 'button', class: 'settings-button hold-focus' },
      words.text('settings.hold-focus'),
    )
    button.addEventListener('click', () => this.#on.holdFocus())
    return [button]
  }
}

/** What a row is built from; a change of the rest only updates it. @param {Control} control */
const shapeOf = (control) => ({ ...control, value: undefined, inactive: undefined, why: undefined })

/**
 * The change that stops the autofocus where it is; undefined for a camera without autofocus. Pure.
 * @param {Control[]} controls
 * @returns {import('./settings-api.js').Changes | undefined}
 */
export function focusHeld(controls) {
  const names = new Set(controls.map(({ name }) => name))
  if (names.has('autofocus')) return { autofocus: 'manual' }
  // The name before Linux 5.11 is focus_auto.
  const automatic = ['focus_automatic_continuous', 'focus_auto'].find((name) => names.has(name))
  return automatic === undefined ? undefined : { [automatic]: false }
}
