// @ts-check
/** Which size of its camera a tile asks for: what the viewer has chosen, or the small one for a small tile. */

/** Of the camera's width, in pixels of the screen: below the first a tile asks for the small size, above the second no more. */
const small = 0.6
const notSmall = 0.75
/** While the window is resized. */
const settleMs = 500

/** @typedef {import('../src/signalling/quality.js').Quality} Quality */

/**
 * Pure.
 * @param {number} shownWidth in pixels of the screen
 * @param {number} cameraWidth
 * @param {boolean} wasSmall
 */
export function isSmall(shownWidth, cameraWidth, wasSmall) {
  if (!(shownWidth > 0) || !(cameraWidth > 0)) return wasSmall
  return shownWidth < cameraWidth * (wasSmall ? notSmall : small)
}

/** @param {string | null} text of the address @returns {Quality | null} */
export const parseQuality = (text) => (text === 'high' || text === 'low' || text === 'auto' ? text : null)

/** What one tile asks for. */
export class TileQuality {
  #choices
  #camera
  #connection
  #isSmall = false
  /** @type {Quality | null} */
  #fixed
  #cameraWidth = 0

  /**
   * @param {HTMLElement} tile
   * @param {string} camera its key
   * @param {Pick<import('./tile-context.js').TileContext, 'choices' | 'quality'>} context
   * @param {{ askFor: (quality: Quality) => void }} connection
   */
  constructor(tile, camera, { choices, quality }, connection) {
    this.#camera = camera
    this.#choices = choices
    this.#connection = connection
    this.#fixed = quality
    let settled = setTimeout(() => {}, 0)
    const measure = () => {
      this.#isSmall = isSmall(tile.clientWidth * devicePixelRatio, this.#cameraWidth, this.#isSmall)
      this.#ask()
    }
    new ResizeObserver(() => {
      clearTimeout(settled)
      settled = setTimeout(measure, settleMs)
    }).observe(tile)
    this.#ask()
  }

  /** @param {number} width of the large size as it is shown, in pixels */
  set cameraWidth(width) {
    this.#cameraWidth = width
  }

  /** As chosen in the menu or by the address: `auto` leaves it to the tile and the path. */
  get chosen() {
    return this.#fixed ?? this.#choices.read().quality[this.#camera] ?? 'auto'
  }

  /** @param {Quality} quality */
  choose(quality) {
    this.#fixed = null
    this.#choices.change({ quality: { ...this.#choices.read().quality, [this.#camera]: quality } })
    this.#ask()
  }

  #ask() {
    const { chosen } = this
    this.#connection.askFor(chosen === 'auto' && this.#isSmall ? 'low' : chosen)
  }
}
