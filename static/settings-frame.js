// @ts-check
/** The panel around the settings: where it is, its title, its messages and its buttons. */

import { setText } from './dom.js'
import { element } from './element.js'

/** An answer within this time needs no notice. */
const quickMs = 400

export class SettingsFrame {
  parts
  #tile
  #button
  #focusedBefore = document.activeElement
  #open = new AbortController()
  /** @type {HTMLElement[]} made inert by this panel */
  #behind = []
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #busyTimer
  /** @type {boolean | undefined} */
  #unsaved
  #busy = false

  /**
   * @param {string} name of the camera
   * @param {HTMLElement} tile
   * @param {HTMLElement} button that opened the panel
   * @param {{ close: () => void, save: () => void, retry: () => void }} on
   */
  constructor(name, tile, button, on) {
    this.#tile = tile
    this.#button = button
    this.parts = createParts(name)
    const { panel, close, save, retry } = this.parts
    close.addEventListener('click', on.close)
    retry.addEventListener('click', on.retry)
    save.addEventListener('click', () => {
      if (save.ariaDisabled !== 'true') on.save()
    })
    document.addEventListener(
      'keydown',
      (event) => {
        if (event.key !== 'Escape' || event.defaultPrevented || document.querySelector('dialog[open]')) return
        event.preventDefault()
        on.close()
      },
      { signal: this.#open.signal },
    )
    this.#arrangePage()
    document.body.append(panel)
    panel.focus({ preventScroll: true })
  }

  close() {
    this.#open.abort()
    clearTimeout(this.#busyTimer)
    const hadFocus =
      this.parts.panel.contains(document.activeElement) || document.activeElement === document.body
    this.parts.panel.remove()
    delete document.documentElement.dataset.settings
    delete this.#tile.dataset.adjusted
    this.#button.setAttribute('aria-expanded', 'false')
    for (const part of this.#behind) part.inert = false
    if (hadFocus) this.#focusBefore().focus({ preventScroll: true })
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

  /** The tile fills what the panel leaves free; nothing else can be used meanwhile. */
  #arrangePage() {
    const others = document.querySelectorAll('.masthead, camera-tile')
    this.#behind = [...others].flatMap((part) =>
      part instanceof HTMLElement && part !== this.#tile && !part.inert ? [part] : [],
    )
    for (const part of this.#behind) part.inert = true
    document.documentElement.dataset.settings = ''
    this.#tile.dataset.adjusted = ''
    this.#button.setAttribute('aria-expanded', 'true')
  }

  /** WebKit does not focus a button that is clicked. */
  #focusBefore() {
    const before = this.#focusedBefore
    return before instanceof HTMLElement && before !== document.body ? before : this.#tile
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
    const text = unsaved ? 'Not saved' : 'Saved'
    setText(mark, this.#busy ? 'One moment…' : unsaved === undefined ? '' : text)
    save.hidden = unsaved === undefined
    save.ariaDisabled = String(unsaved !== true)
  }
}

/** @param {string} name */
function createParts(name) {
  const panel = element('section', {
    class: 'settings-panel',
    role: 'dialog',
    'aria-labelledby': 'settings-title',
    tabindex: '-1',
  })
  const header = element('header')
  const close = element(
    'button',
    { class: 'close', type: 'button', 'aria-label': 'Close', title: 'Close (Esc)' },
    '×',
  )
  header.append(element('h2', { id: 'settings-title' }, `Settings of ${name}`), close)
  const hint = element('p', { class: 'settings-hint' })
  const list = element('div', { class: 'settings-list' })
  list.append(element('p', { class: 'settings-placeholder' }, 'Loading the settings…'))
  const footer = element('footer')
  const status = element('p', { class: 'settings-status', role: 'status' })
  const alert = element('p', { class: 'settings-alert', role: 'alert' })
  const retry = element('button', { class: 'settings-button', type: 'button' }, 'Try again')
  const mark = element('span', { class: 'settings-mark' })
  const save = element('button', { class: 'settings-button settings-save', type: 'button' }, 'Save')
  retry.hidden = save.hidden = true
  const actions = element('div', { class: 'settings-actions' })
  actions.append(mark, retry, save)
  footer.append(status, alert, actions)
  panel.append(header, hint, list, footer)
  return { panel, close, hint, list, status, alert, retry, mark, save }
}
