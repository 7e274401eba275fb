// @ts-check
/** A change of the file before it is made: the lines that will change, and the buttons that make it or drop it. */

import { setText } from './dom.js'
import { element } from './element.js'
import { words } from './page-words.js'
import { SettingsError } from './settings-api.js'

/**
 * @typedef {import('./owner-api.js').SettingsChange} SettingsChange
 * @typedef {import('../src/http/routes/owner-answer.js').LineAnswer} Line
 * @typedef {object} ChangeEvents
 * @property {(path: string) => void} saved
 * @property {() => void} discarded
 */

/** Someone who types is not interrupted. */
const quietMs = 300

export class ChangePreview {
  root = element('div', { class: 'owner-change' })
  #api
  #on
  #alert = element('p', { class: 'owner-alert', role: 'alert' })
  #title = element('p', { class: 'owner-note', role: 'status' })
  #lines = element('div', { class: 'owner-lines' })
  #effect = element('p', { class: 'owner-note' })
  #save = element('button', { type: 'button', class: 'owner-button owner-primary' }, words.text('owner.save'))
  #discard = element('button', { type: 'button', class: 'owner-button' }, words.text('owner.discard'))
  #actions = element('div', { class: 'owner-actions' })
  /** @type {SettingsChange | null} */
  #change = null
  #preview = ''
  /** Answers of earlier previews are not shown. */
  #number = 0
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer

  /** @param {import('./owner-api.js').OwnerApi} api @param {ChangeEvents} on */
  constructor(api, on) {
    this.#api = api
    this.#on = on
    this.#actions.append(this.#save, this.#discard)
    this.root.append(this.#title, this.#lines, this.#effect, this.#alert, this.#actions)
    this.#save.addEventListener('click', () => void this.#apply())
    this.#discard.addEventListener('click', () => {
      this.show(null)
      this.#on.discarded()
    })
    this.show(null)
  }

  /** @param {SettingsChange | null} change @param {{ quiet?: boolean }} [about] */
  show(change, { quiet = false } = {}) {
    clearTimeout(this.#timer)
    this.#number++
    this.#change = change
    this.#preview = ''
    this.#render()
    if (!change) this.#clear()
    else this.#timer = setTimeout(() => void this.#ask(change), quiet ? quietMs : 0)
  }

  #clear() {
    this.#lines.replaceChildren()
    for (const text of [this.#alert, this.#title, this.#effect]) setText(text, '')
  }

  /** @param {SettingsChange} change @param {string} [failure] that stays beside the lines */
  async #ask(change, failure = '') {
    const number = this.#number
    try {
      const { path, lines, applies, preview } = await this.#api.preview(change)
      if (number !== this.#number) return
      this.#clear()
      setText(this.#alert, failure)
      setText(
        this.#title,
        lines.length > 0 ? words.text('owner.will-change', { path }) : words.text('owner.unchanged'),
      )
      setText(this.#effect, lines.length > 0 ? words.text(`owner.effect.${applies}`) : '')
      this.#lines.replaceChildren(...lineElements(lines))
      this.#preview = lines.length > 0 ? preview : ''
    } catch (error) {
      if (number !== this.#number) return
      this.#clear()
      setText(this.#alert, sentenceOf(error))
    }
    this.#render()
  }

  async #apply() {
    const change = this.#change
    if (!change || this.#save.ariaDisabled === 'true') return
    this.#save.ariaDisabled = 'true'
    setText(this.#effect, words.text('owner.loading'))
    try {
      const { path } = await this.#api.apply(change, this.#preview)
      this.show(null)
      this.#on.saved(path)
    } catch (error) {
      this.#preview = ''
      // The file may be another one by now: its lines are shown again.
      await this.#ask(change, sentenceOf(error))
    }
  }

  #render() {
    this.#actions.hidden = this.#change === null
    // Not `disabled`: the focus would leave the button that was just pressed.
    this.#save.ariaDisabled = String(this.#preview === '')
  }
}

/** @param {readonly Line[]} lines */
export function lineElements(lines) {
  if (lines.length === 0) return []
  const list = element('ul', { class: 'owner-diff', tabindex: '0', 'aria-label': words.text('owner.lines') })
  list.append(
    ...lines.map(({ sign, number, text }) => {
      const item = element('li', { 'data-sign': sign, dir: 'ltr' })
      item.append(
        element('span', { class: 'owner-line-number', 'aria-hidden': 'true' }, String(number)),
        element('code', { 'aria-hidden': 'true' }, text),
        element(
          'span',
          { class: 'visually-hidden' },
          words.text(sign === '-' ? 'owner.line-removed' : 'owner.line-added', { text }),
        ),
      )
      return item
    }),
  )
  return [list]
}

/** @param {unknown} error */
export function sentenceOf(error) {
  if (error instanceof SettingsError) return error.message
  console.error(error)
  return words.text('settings.wrong')
}
