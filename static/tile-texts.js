// @ts-check
/** Writes the state of a Connection into the elements of its tile, in the words of the page. */

import { activeElementOf, setSymbol, setText } from './dom.js'
import { action, countdown, describe, problemOf, videoNotice } from './messages.js'
import { hasReason } from './reasons.js'

/** @type {Partial<Record<import('./tile-state.js').TileState, string>>} */
const symbols = { lost: 'lost', full: 'full', unsupported: 'alert' }

export class TileTexts {
  /** What is wrong with the way to the camera, as a sentence that other tiles may have too. */
  problem = ''
  #parts
  #connection
  #words
  #hasCauses = false

  /**
   * @param {import('./tile-parts.js').TileParts} parts
   * @param {import('./connection.js').Connection} connection
   * @param {import('./words.js').Words} words
   */
  constructor(parts, connection, words) {
    this.#parts = parts
    this.#connection = connection
    this.#words = words
  }

  /**
   * @param {number} bitrate of the camera
   * @param {boolean} isSoundMissing
   * @returns {boolean} whether the problem is another one
   */
  render(bitrate, isSoundMissing) {
    const connection = this.#connection
    const words = this.#words
    const parts = this.#parts
    const { headline, detail, hint, isEnglish } = describe(connection, words)
    setText(parts.headline, headline)
    setText(parts.detail, detail)
    setText(parts.hint, hint)
    parts.detail.lang = isEnglish.message ? 'en' : words.language
    parts.hint.lang = isEnglish.hint ? 'en' : words.language
    setText(parts.countdown, countdown(connection, words))
    const notice = isSoundMissing ? words.text('tile.no-sound') : videoNotice(connection, words, bitrate)
    setText(parts.congestion, notice)
    setSymbol(parts.symbol, symbols[connection.state] ?? 'busy')
    const before = this.problem
    this.problem = problemOf(connection, words)
    return this.problem !== before
  }

  /** The button in the middle. @param {HTMLElement} tile @param {boolean} needsTap */
  renderAction(tile, needsTap) {
    const button = this.#parts.action
    const words = this.#words
    const text = needsTap ? words.text('tile.tap') : action(this.#connection, words)
    tile.toggleAttribute('data-tap', needsTap)
    setText(button, text)
    const hadFocus = activeElementOf(button) === button
    button.hidden = text === ''
    if (hadFocus && button.hidden) tile.focus({ preventScroll: true })
  }

  /** The words of what is wrong; the sentences of the server serve until then. @param {() => void} loaded */
  loadCauses(loaded) {
    const words = this.#words
    if (words.isOfServer || this.#hasCauses || !hasReason(this.#connection)) return
    this.#hasCauses = true
    words.load('causes').then(loaded, (error) => console.warn(error))
  }
}
