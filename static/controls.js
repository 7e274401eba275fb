// @ts-check
/** Icons and labels of a tile's buttons. */

import { setIcon, setLabel } from './dom.js'

/**
 * @param {import('./tile-parts.js').TileParts} parts
 * @param {{ name: string, paused: boolean, fullscreen: boolean }} now
 */
export function labelControls({ pause, statsButton, stats, share, settings, fullscreen, pip }, now) {
  const { name } = now
  setIcon(pause, now.paused ? 'play' : 'pause')
  setLabel(pause, now.paused ? `Play ${name} (P)` : `Pause ${name} (P)`)
  setLabel(statsButton, `Statistics of ${name} (S)`)
  stats.setAttribute('aria-label', `Statistics of ${name}`)
  setLabel(share, `Addresses of ${name} for other programs (L)`)
  setLabel(settings, `Camera settings of ${name} (C)`)
  setIcon(fullscreen, now.fullscreen ? 'restore' : 'fullscreen')
  setLabel(fullscreen, now.fullscreen ? 'Exit full screen (F)' : `Show ${name} in full screen (F)`)
  setLabel(pip, `Show ${name} in picture-in-picture (I)`)
}
