// @ts-check
/** The panel of a camera's controls beside its picture: where it is, its title, and how it closes. */

import { element } from './element.js'
import { words } from './page-words.js'
import { SettingsFrame, createParts } from './settings-frame.js'

const dialogAttributes = {
  class: 'settings-panel',
  role: 'dialog',
  'aria-labelledby': 'settings-title',
  tabindex: '-1',
}

export class SettingsDialog extends SettingsFrame {
  #tile
  #button
  #focusedBefore = document.activeElement
  #open = new AbortController()
  /** @type {HTMLElement[]} made inert by this panel */
  #behind = []

  /**
   * @param {string} name of the camera
   * @param {HTMLElement} tile
   * @param {HTMLElement} button that opened the panel
   * @param {import('./settings-frame.js').FrameEvents & { close: () => void }} on
   */
  constructor(name, tile, button, on) {
    super(createParts(dialogAttributes), on)
    this.#tile = tile
    this.#button = button
    const { panel } = this.parts
    panel.prepend(createHeader(name, on.close))
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

  /** @override */
  close() {
    this.#open.abort()
    const hadFocus =
      this.parts.panel.contains(document.activeElement) || document.activeElement === document.body
    super.close()
    delete document.documentElement.dataset.settings
    delete this.#tile.dataset.adjusted
    this.#button.setAttribute('aria-expanded', 'false')
    for (const part of this.#behind) part.inert = false
    if (hadFocus) this.#focusBefore().focus({ preventScroll: true })
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
}

/** @param {string} name of the camera @param {() => void} onClose */
function createHeader(name, onClose) {
  const header = element('header')
  const close = element(
    'button',
    {
      class: 'close',
      type: 'button',
      'aria-label': words.text('settings.close'),
      title: words.text('settings.close-key'),
    },
    '×',
  )
  close.addEventListener('click', onClose)
  header.append(element('h2', { id: 'settings-title' }, words.text('settings.title', { name })), close)
  return header
}
