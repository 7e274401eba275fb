// @ts-check
/** The layout that the viewer has chosen: all cameras, one of them large, or a single one. */

import { arrange } from './grid.js'
import { moved, placeTile } from './tile-order.js'

/** @typedef {import('./choices.js').LayoutName} LayoutName */

export class PageLayout {
  #grid
  #tiles
  #buttons
  #layout = window.boot.layout
  /** @type {import('./camera-tile.js').CameraTile | undefined} */
  #large
  /** @type {{ layout: PageLayout['layout'], tile: import('./camera-tile.js').CameraTile } | null} of the last click */
  #beforeClick = null

  /** @param {HTMLElement} grid @param {import('./camera-tile.js').CameraTile[]} tiles @param {NodeListOf<HTMLElement>} buttons */
  constructor(grid, tiles, buttons) {
    this.#grid = grid
    this.#tiles = tiles
    this.#buttons = buttons
    for (const button of buttons)
      button.addEventListener('click', () =>
        this.#choose(/** @type {LayoutName} */ (button.dataset.layout), this.#layout.large),
      )
  }

  get layout() {
    return this.#layout
  }

  /** The tile that keys act on when none has the focus. */
  get mainTile() {
    return this.#tiles[this.#layout.name === 'grid' ? 0 : this.#layout.large]
  }

  /** Tiles were added, removed or moved: the large one stays large while it exists. */
  camerasChanged() {
    const { name } = this.#layout
    const large = this.#tiles.findIndex((tile) => tile.dataset.camera === this.#large?.dataset.camera)
    if (this.#large) this.#layout = large < 0 ? { name: 'grid', large: 0 } : { name, large }
    this.arrange()
  }

  arrange() {
    if (window.boot.cameraOfPage || this.#tiles.length === 0) return
    const { name, large } = this.#layout
    const placed = this.#tiles.map((tile) => ({ element: tile, ratio: tile.ratio ?? 16 / 9 }))
    arrange(this.#grid, placed, this.#layout)
    for (const [i, tile] of this.#tiles.entries()) tile.isLarge = name !== 'grid' && i === large
    this.#large = this.#tiles[large]
    for (const button of this.#buttons)
      button.setAttribute('aria-pressed', String(button.dataset.layout === name))
  }

  /** A click makes a tile large, and a click on the large one shows all again. @param {import('./camera-tile.js').CameraTile} tile */
  click(tile) {
    this.#beforeClick = { layout: this.#layout, tile }
    this.enlarge(tile)
  }

  /** The second click of a double click: the tile of the first one, whose effect is undone. */
  undoClick() {
    const before = this.#beforeClick
    this.#beforeClick = null
    if (before) this.#choose(before.layout.name, before.layout.large)
    return before?.tile
  }

  /** @param {import('./camera-tile.js').CameraTile} tile */
  enlarge(tile) {
    const { name, large } = this.#layout
    const index = this.#tiles.indexOf(tile)
    if (name !== 'grid' && index === large) this.showAll()
    else this.show(index)
  }

  /** @param {number} index */
  show(index) {
    if (this.#tiles.length < 2 || !this.#tiles[index]) return false
    this.#choose(this.#layout.name === 'single' ? 'single' : 'large', index)
    return true
  }

  showAll() {
    if (this.#layout.name === 'grid') return false
    this.#choose('grid', this.#layout.large)
    return true
  }

  /** Moves a tile in the order, which is kept. @param {import('./camera-tile.js').CameraTile} tile @param {number} to @returns {boolean} whether it has moved */
  place(tile, to) {
    const from = this.#tiles.indexOf(tile)
    if (from < 0 || from === to || !this.#tiles[to]) return false
    this.#tiles.splice(0, Infinity, ...moved(this.#tiles, from, to))
    placeTile(this.#grid, tile, this.#tiles[to + 1] ?? null)
    this.camerasChanged()
    window.choices.change({ order: this.#tiles.map(({ dataset }) => dataset.camera ?? '') })
    return true
  }

  /** @param {import('./camera-tile.js').CameraTile} tile @param {number} step */
  move(tile, step) {
    return this.place(tile, this.#tiles.indexOf(tile) + step)
  }

  /** The next camera becomes the large one; in the grid it gets the focus. @param {number} step @param {HTMLElement | null} from */
  next(step, from = null) {
    const count = this.#tiles.length
    if (count < 2) return false
    const { name, large } = this.#layout
    if (name !== 'grid') return this.show((large + step + count) % count)
    const at = this.#tiles.findIndex((tile) => tile === from)
    this.#tiles[at < 0 ? 0 : (at + step + count) % count]?.focus()
    return true
  }

  /** @param {LayoutName} name @param {number} large */
  #choose(name, large) {
    const hadFocus = document.activeElement
    this.#layout = { name, large }
    this.arrange()
    const isGone = hadFocus instanceof HTMLElement && hadFocus.closest('[hidden]') !== null
    if (isGone) this.mainTile?.focus({ preventScroll: true })
    if (document.documentElement.dataset.view === 'kiosk') return
    window.choices.change({ layout: name, large: this.#tiles[large]?.dataset.camera ?? '' })
  }
}
