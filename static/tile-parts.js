// @ts-check
/** The elements of a tile. */

import { find } from './dom.js'
import { cloneTile } from './tile-markup.js'

/** @typedef {ReturnType<typeof addParts>} TileParts */

/** @param {HTMLElement} tile perhaps with the video that boot.js has added */
export function addParts(tile) {
  const parts = cloneTile()
  if (tile.querySelector('video')) parts.querySelector('video')?.remove()
  tile.append(parts)
  const html = (/** @type {string} */ name) => find(tile, `.${name}`, HTMLElement)
  const button = (/** @type {string} */ name) => find(tile, `.${name}`, HTMLButtonElement)
  return {
    video: find(tile, 'video', HTMLVideoElement),
    lastFrame: find(tile, '.last-frame', HTMLCanvasElement),
    title: html('name'),
    level: html('level'),
    statsLine: html('stats-line'),
    congestion: html('congestion'),
    stats: html('stats'),
    cameraWarnings: html('camera-warnings'),
    symbol: find(tile, '.symbol use', SVGUseElement),
    spokenName: html('spoken-name'),
    headline: html('headline'),
    detail: html('detail'),
    hint: html('hint'),
    countdown: html('countdown'),
    action: button('action'),
    pause: button('pause'),
    sound: button('sound'),
    save: button('save'),
    more: button('more'),
    menu: html('menu'),
    enlarge: button('enlarge'),
    moveEarlier: button('move-earlier'),
    moveLater: button('move-later'),
    zoomIn: button('zoom-in'),
    zoomOut: button('zoom-out'),
    rotate: button('rotate'),
    mirror: button('mirror'),
    louder: button('louder'),
    quieter: button('quieter'),
    saveItem: button('save-item'),
    qualities: {
      auto: button('quality-auto'),
      high: button('quality-high'),
      low: button('quality-low'),
    },
    record: button('record'),
    recording: button('recording'),
    statsButton: button('stats-button'),
    share: button('share'),
    settings: button('settings'),
    ownPage: find(tile, '.own-page', HTMLAnchorElement),
    pip: button('pip'),
    fullscreen: button('fullscreen'),
  }
}
