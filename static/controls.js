/** What the buttons of a tile show and are called. */

import { icon, label } from './dom.js'

/** @param parts the tile's buttons. @param now {name, paused, fullscreen}. */
export function labelControls({ pause, statsButton, stats, share, fullscreen, pip }, now) {
  const { name } = now
  icon(pause, now.paused ? 'play' : 'pause')
  label(pause, now.paused ? `Play ${name} (P)` : `Pause ${name} (P)`)
  label(statsButton, `Statistics of ${name} (S)`)
  stats.setAttribute('aria-label', `Statistics of ${name}`)
  label(share, `Addresses of ${name} for other programs (L)`)
  icon(fullscreen, now.fullscreen ? 'restore' : 'fullscreen')
  label(fullscreen, now.fullscreen ? 'Leave full screen (F)' : `Show ${name} full screen (F)`)
  label(pip, `Show ${name} in a small window (I)`)
}
