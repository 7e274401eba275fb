// @ts-check
/** The layout of the grid: as many columns as make the tiles largest without scrolling. */

/** @typedef {{ width: number, height: number, gap: number }} Room in CSS pixels */

const smallestTile = 260
/** In a wide window more columns are preferred while their tiles keep this share of the best width. */
const rowsFirst = 0.85

/** Sets the size of the tiles in `main`. @param {HTMLElement} main @param {number} count @param {number} ratio */
export function arrange(main, count, ratio) {
  const style = window.getComputedStyle(main)
  const room = {
    width: main.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight),
    height: main.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom),
    gap: parseFloat(style.columnGap) || 0,
  }
  const { width, height } = layOut(count, room, ratio)
  main.style.setProperty('--tile-width', `${width}px`)
  main.style.setProperty('--tile-height', `${height}px`)
}

/**
 * Pure.
 * @param {number} count of tiles
 * @param {Room} room
 * @param {number} ratio width by height of the widest video
 */
export function layOut(count, room, ratio) {
  const choices = Array.from({ length: count }, (_, i) => tileFor(i + 1, count, room, ratio))
  const best = Math.max(...choices.map((choice) => choice.width))
  if (best < smallestTile) return scrolling(count, room, ratio)
  const wanted = room.width > room.height ? best * rowsFirst : best
  return choices.findLast((choice) => choice.width >= wanted) ?? scrolling(count, room, ratio)
}

/** @param {number} columns @param {number} count @param {Room} room @param {number} ratio */
function tileFor(columns, count, { width, height, gap }, ratio) {
  const rows = Math.ceil(count / columns)
  const cellWidth = (width - gap * (columns - 1)) / columns
  const cellHeight = (height - gap * (rows - 1)) / rows
  const tileWidth = Math.floor(Math.min(cellWidth, cellHeight * ratio))
  return { columns, width: tileWidth, height: Math.floor(tileWidth / ratio) }
}

/** @param {number} count @param {Room} room @param {number} ratio */
function scrolling(count, room, ratio) {
  const fitting = Math.floor((room.width + room.gap) / (smallestTile + room.gap))
  const columns = Math.max(1, Math.min(count, fitting))
  return tileFor(columns, count, { ...room, height: Infinity }, ratio)
}
