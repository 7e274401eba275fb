// @ts-check
/** Pointer gestures of a tile: wheel and pinch zoom, a drag moves a zoomed picture, clicks and taps. */

const wheelStep = 0.0015
/** Further than this a click is a drag. */
const dragPx = 6
const doubleTapMs = 300
const doubleTapPx = 30
const doubleTapZoom = 2.5

/** @typedef {{ x: number, y: number }} Point */

/**
 * @param {HTMLElement} tile
 * @param {import('./tile-picture.js').TilePicture} picture
 * @param {{ click: () => void, tap: () => void }} on click: of a mouse or a pen; tap: of a finger
 */
export function listenForGestures(tile, picture, on) {
  /** @type {Map<number, Point>} */
  const pointers = new Map()
  let type = 'mouse'
  let travelledPx = 0
  let wasPinch = false
  let lastTap = { x: 0, y: 0, atMs: -Infinity }

  tile.addEventListener(
    'wheel',
    (event) => {
      if (isOnPart(event) || !zoomsByWheel(event)) return
      const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 30 : event.deltaY
      if (pixels > 0 && !picture.isZoomed) return // there is nothing to zoom out of
      event.preventDefault()
      // A pinch on a touchpad is a wheel event with ctrlKey, in smaller steps.
      picture.zoom(Math.exp(-pixels * wheelStep * (event.ctrlKey ? 6 : 1)), pointOf(event))
    },
    { passive: false },
  )

  /** Where the page scrolls, the wheel is for that, until the picture is zoomed in. @param {WheelEvent} event */
  function zoomsByWheel({ ctrlKey }) {
    const { scrollHeight, clientHeight } = document.documentElement
    return ctrlKey || picture.isZoomed || scrollHeight <= clientHeight || document.fullscreenElement !== null
  }

  tile.addEventListener('pointerdown', (event) => {
    if (isOnPart(event) || event.button !== 0) return
    if (pointers.size === 0) {
      travelledPx = 0
      wasPinch = false
    }
    type = event.pointerType
    pointers.set(event.pointerId, pointOf(event))
    if (pointers.size === 2) wasPinch = true
    if (picture.isZoomed || wasPinch) tile.setPointerCapture(event.pointerId)
  })

  tile.addEventListener('pointermove', (event) => {
    const before = pointers.get(event.pointerId)
    if (!before) return
    const now = pointOf(event)
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1]
    pointers.set(event.pointerId, now)
    const by = { x: now.x - before.x, y: now.y - before.y }
    travelledPx += Math.hypot(by.x, by.y)
    if (other) {
      const centre = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 }
      picture.zoom(distance(now, other) / Math.max(1, distance(before, other)), centre)
      picture.move({ x: by.x / 2, y: by.y / 2 })
    } else if (picture.isZoomed && travelledPx > dragPx) {
      picture.move(by)
    }
  })

  for (const name of /** @type {const} */ (['pointerup', 'pointercancel']))
    tile.addEventListener(name, ({ pointerId }) => pointers.delete(pointerId))

  // Not with pointerup: the click of the same tap would hit a button that has just been shown.
  tile.addEventListener('click', (event) => {
    if (isOnPart(event) || wasPinch || travelledPx > dragPx) return
    if (type === 'touch') onTap(event)
    else if (event.detail === 1) on.click()
  })
  // The double tap of a finger zooms.
  tile.addEventListener('dblclick', (event) => type === 'touch' && event.stopPropagation())

  /** @param {MouseEvent} event */
  function onTap(event) {
    const point = pointOf(event)
    const isDouble = event.timeStamp - lastTap.atMs < doubleTapMs && distance(point, lastTap) < doubleTapPx
    lastTap = { ...point, atMs: isDouble ? -Infinity : event.timeStamp }
    if (!isDouble) on.tap()
    else if (picture.isZoomed) picture.reset()
    else picture.zoom(doubleTapZoom, point)
  }

  // Two fingers on a picture are ours; one finger scrolls the page.
  for (const name of /** @type {const} */ (['touchstart', 'touchmove']))
    tile.addEventListener(name, (event) => event.touches.length > 1 && event.preventDefault(), {
      passive: false,
    })
}

/** @param {Event} event */
export const isOnPart = ({ target }) =>
  target instanceof Element && target.closest('button, a, .menu, .stats, .status') !== null

/** @param {MouseEvent} event @returns {Point} */
const pointOf = ({ clientX, clientY }) => ({ x: clientX, y: clientY })

/** @param {Point} a @param {Point} b */
const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y)
