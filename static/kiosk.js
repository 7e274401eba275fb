// @ts-check
/** A page on a wall: ?view=kiosk without frame and controls, ?every=20 changes the camera, ?sleep=10 stops after ten minutes. */

import { element } from './element.js'
import { words } from './page-words.js'
import { loadStyles } from './style-sheets.js'

/**
 * @param {URLSearchParams} query
 * @param {import('./layout.js').PageLayout} layout
 * @param {import('./camera-tile.js').CameraTile[]} tiles
 */
export async function startKiosk(query, layout, tiles) {
  await loadStyles('kiosk.css')
  const everyS = numberOf(query, 'every', 2)
  const sleepMinutes = numberOf(query, 'sleep', 0)
  if (everyS && tiles.length > 1) setInterval(() => document.hidden || layout.next(1), everyS * 1000)
  if (sleepMinutes) sleepAfter(sleepMinutes * 60_000, tiles)
}

/** At most a day, in seconds. @param {URLSearchParams} query @param {string} name @param {number} least */
function numberOf(query, name, least) {
  const text = query.get(name)
  if (text === null) return 0
  const value = Number(text)
  if (value > 0 && value <= 86_400) return Math.max(least, value)
  console.warn(`?${name}=${text} is not a number above 0: it has no effect`)
  return 0
}

/** @param {number} afterMs without a touch, a pointer or a key @param {import('./camera-tile.js').CameraTile[]} tiles */
function sleepAfter(afterMs, tiles) {
  const cover = element('button', { class: 'asleep', type: 'button' }, words.text('page.asleep'))
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  const stayAwake = () => {
    clearTimeout(timer)
    timer = setTimeout(sleep, afterMs)
    if (!cover.isConnected) return
    cover.remove()
    for (const tile of tiles) tile.doze(false)
  }
  function sleep() {
    document.body.append(cover)
    for (const tile of tiles) tile.doze(true)
  }
  for (const name of ['pointerdown', 'pointermove', 'keydown', 'wheel'])
    document.addEventListener(name, stayAwake, { passive: true })
  stayAwake()
}
