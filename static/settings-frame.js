// @ts-check
/** What is around the controls of a camera: messages and buttons. */

import { setText } from './dom.js'
import { element } from './element.js'
import { words } from './page-words.js'

/** An answer within this time needs no notice. */
const quickMs = 400

/**
 * @typedef {{ save: () => void, retry: () => void }} FrameEvents
 * @typedef {ReturnType<typeof createParts>} FrameParts
 */

export class SettingsFrame {
  parts
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #busyTimer
  /** @type {boolean | undefined} */
  #unsaved
  #busy = false

  /** @param {FrameParts} parts @param {FrameEvents} on */
  constructor(parts, on) {
    this.parts = parts
    const { save, retry } = parts
    retry.addEventListener('click', on.retry)
    save.addEventListener('click', () => {
      if (save.ariaDisabled !== 'true') on.save()
    })
  }

  close() {
    clearTimeout(this.#busyTimer)
    this.parts.panel.remove()
  }

  /** Before the first answer, and for a camera without settings. @param {string} text */
  showPlaceholder(text) {
    this.parts.list.replaceChildren(element('p', { class: 'settings-placeholder' }, text))
  }

  /** @param {string} text about all settings */
  showHint(text) {
    setText(this.parts.hint, text)
  }

  /** @param {boolean} busy while a request is under way */
  showBusy(busy) {
    clearTimeout(this.#busyTimer)
    if (busy) this.#busyTimer = setTimeout(() => this.#setBusy(true), quickMs)
    else this.#setBusy(false)
  }

  /** @param {boolean | undefined} unsaved undefined: there is nothing to save */
  showUnsaved(unsaved) {
    this.#unsaved = unsaved
    this.#renderFooter()
  }

  /** The result of an action; "" removes the message. @param {string} text */
  report(text) {
    setText(this.parts.alert, '')
    setText(this.parts.status, text)
    this.parts.retry.hidden = true
  }

  /** @param {string} text @param {{ retry?: boolean }} [about] */
  fail(text, { retry = false } = {}) {
    setText(this.parts.status, '')
    setText(this.parts.alert, text)
    this.parts.retry.hidden = !retry
  }

  /** @param {boolean} busy */
  #setBusy(busy) {
    this.#busy = busy
    this.#renderFooter()
  }

  #renderFooter() {
    const { mark, save, panel } = this.parts
    const unsaved = this.#unsaved
    panel.toggleAttribute('data-busy', this.#busy)
    mark.toggleAttribute('data-unsaved', unsaved === true)
    const text = words.text(unsaved ? 'settings.not-saved' : 'settings.saved')
    setText(mark, this.#busy ? words.text('settings.moment') : unsaved === undefined ? '' : text)
    save.hidden = unsaved === undefined
    save.ariaDisabled = String(unsaved !== true)
  }
}

/** @param {Record<string, string>} attributes of the element around everything */
export function createParts(attributes) {
  const panel = element('section', attributes)
  const hint = element('p', { class: 'settings-hint' })
  const list = element('div', { class: 'settings-list' })
  list.append(element('p', { class: 'settings-placeholder' }, words.text('settings.loading')))
  const footer = element('footer')
  const status = element('p', { class: 'settings-status', role: 'status' })
  const alert = element('p', { class: 'settings-alert', role: 'alert' })
  const retry = element(
    'button',
    { class: 'settings-button', type: 'button' },
    words.text('settings.try-again'),
  )
  const mark = element('span', { class: 'settings-mark' })
  const save = element(
    'button',
    { class: 'settings-button settings-save', type: 'button' },
    words.text('settings.save'),
  )
  retry.hidden = save.hidden = true
  const actions = element('div', { class: 'settings-actions' })
  actions.append(mark, retry, save)
  footer.append(status, alert, actions)
  panel.append(hint, list, footer)
  return { panel, hint, list, status, alert, retry, mark, save }
}
