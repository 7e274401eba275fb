// @ts-check
/** The order of the tiles: a drag with a mouse or a pen, a step with keys or the menu. Kept on this site. */

import { isOnPart } from './tile-gestures.js'

/** Further than this a click is a drag. */
const dragPx = 12

/** @typedef {import('./camera-tile.js').CameraTile} CameraTile */

/**
 * Cameras in the order that the viewer has chosen; others come last, in the order of the server. Pure.
 * @template {{ key: string }} Camera
 * @param {readonly Camera[]} cameras @param {readonly string[]} order keys @returns {Camera[]}
 */
export function inOrder(cameras, order) {
  const places = [...order, ...cameras.map(({ key }) => key)]
  return [...cameras].sort((one, other) => places.indexOf(one.key) - places.indexOf(other.key))
}

/**
 * One item at another place. Pure.
 * @template Item
 * @param {readonly Item[]} items @param {number} from @param {number} to @returns {Item[]}
 */
export function moved(items, from, to) {
  const rest = items.filter((_, i) => i !== from)
  return [...rest.slice(0, to), ...items.slice(from, from + 1), ...rest.slice(to)]
}

/** Puts a tile before another, or last, without a pause of its video where the browser can. @param {HTMLElement} grid @param {CameraTile} tile @param {Element | null} before */
export function placeTile(grid, tile, before) {
  const focused = tile.contains(document.activeElement) ? document.activeElement : null
  const { moveBefore } = /** @type {{ moveBefore?: typeof grid.insertBefore }} */ (
    /** @type {unknown} */ (grid)
  )
  ;(moveBefore ?? grid.insertBefore).call(grid, tile, before)
  if (focused instanceof HTMLElement && document.activeElement !== focused)
    focused.focus({ preventScroll: true })
}

/**
 * Drags of a picture that is not zoomed in. A finger scrolls the page, so touch has the menu.
 * @param {HTMLElement} grid @param {(tile: CameraTile, onto: CameraTile) => void} drop
 */
export function listenForDrags(grid, drop) {
  grid.addEventListener('dragstart', (event) => event.preventDefault()) // of a picture as a file
  grid.addEventListener('pointerdown', (event) => {
    const tile = tileOf(event.target)
    if (!tile || tile.isZoomed || event.pointerType === 'touch' || event.button !== 0 || isOnPart(event))
      return
    const drag = new AbortController()
    const { signal } = drag
    /** @type {CameraTile | null} */
    let onto = null

    /** @param {CameraTile | null} over @param {boolean} isDragged */
    function mark(over, isDragged) {
      onto?.removeAttribute('data-drop')
      onto = over === tile ? null : over
      onto?.setAttribute('data-drop', '')
      tile?.toggleAttribute('data-dragged', isDragged)
    }
    function end() {
      drag.abort()
      mark(null, false)
    }
    document.addEventListener(
      'pointermove',
      ({ clientX, clientY }) => {
        const isFar = Math.hypot(clientX - event.clientX, clientY - event.clientY) > dragPx
        if (isFar || tile.hasAttribute('data-dragged'))
          mark(tileOf(document.elementFromPoint(clientX, clientY)), true)
      },
      { signal },
    )
    document.addEventListener(
      'pointerup',
      () => {
        const target = onto
        end()
        if (target) drop(tile, target)
      },
      { signal },
    )
    document.addEventListener('pointercancel', end, { signal })
    document.addEventListener('keydown', ({ key }) => key === 'Escape' && end(), { signal, capture: true })
  })
}

/** @param {EventTarget | null} target @returns {CameraTile | null} */
const tileOf = (target) => (target instanceof Element ? target.closest('camera-tile') : null)
