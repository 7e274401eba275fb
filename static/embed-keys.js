// @ts-check
/** Keys of an <rpi-camera> that has the focus. */

/** @type {Record<string, readonly [number, number]>} right and down */
const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

/** @param {HTMLElement} tile @param {import('./tile-view.js').TileView} view */
export function listenForKeys(tile, view) {
  const { picture } = view
  tile.addEventListener('keydown', (event) => {
    const { key, target, ctrlKey, metaKey, altKey, repeat } = event
    if (ctrlKey || metaKey || altKey || event.defaultPrevented) return
    if (key === ' ' && target !== tile) return // a focused button handles the space bar itself
    const arrow = arrows[key]
    const isZoom = ['+', '=', '-'].includes(key)
    if (arrow || key === '0' || key === 'Escape') {
      if (!picture.isZoomed) return // the page scrolls, or leaves its dialog
      arrow ? picture.step(...arrow) : picture.reset()
    } else if ((repeat && !isZoom) || !view.press(key.toLowerCase())) return
    event.preventDefault()
  })
}
