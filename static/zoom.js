// @ts-check
/** Zooming into a picture and moving it. Pure: a view is the scale, and the shift of the picture's centre in CSS pixels. */

/**
 * @typedef {{ scale: number, x: number, y: number }} View
 * @typedef {{ width: number, height: number }} Size of the tile
 */

const mostScale = 8
/** @type {View} */
export const whole = { scale: 1, x: 0, y: 0 }

/**
 * The point of the picture under `at` stays there.
 * @param {View} view
 * @param {number} factor
 * @param {{ x: number, y: number }} at relative to the centre of the tile
 * @param {Size} size
 */
export function zoomed(view, factor, at, size) {
  const scale = Math.min(mostScale, Math.max(1, view.scale * factor))
  const ratio = scale / view.scale
  return within({ scale, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio }, size)
}

/** @param {View} view @param {{ x: number, y: number }} by @param {Size} size */
export const moved = (view, by, size) => within({ ...view, x: view.x + by.x, y: view.y + by.y }, size)

/** The picture covers the tile. @param {View} view @param {Size} size @returns {View} */
export function within({ scale, x, y }, { width, height }) {
  const clamp = (/** @type {number} */ value, /** @type {number} */ length) => {
    const most = ((scale - 1) * length) / 2
    return Math.min(most, Math.max(-most, value)) + 0 // never -0
  }
  return { scale, x: clamp(x, width), y: clamp(y, height) }
}
