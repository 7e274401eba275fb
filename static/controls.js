// @ts-check
/** Icons and labels of a tile's buttons and of its menu. */

import { setIcon, setLabel, setText } from './dom.js'

/**
 * @param {import('./tile-parts.js').TileParts} parts
 * @param {{ name: string, paused: boolean, fullscreen: boolean, large: boolean, recording: boolean, mirrored: boolean }} now
 */
export function labelControls(parts, now) {
  const { name } = now
  setIcon(parts.pause, now.paused ? 'play' : 'pause')
  setLabel(parts.pause, now.paused ? `Play ${name} (P)` : `Pause ${name} (P)`)
  setLabel(parts.save, `Save a picture of ${name} (D)`)
  setLabel(parts.more, `More for ${name}`)
  parts.menu.setAttribute('aria-label', `More for ${name}`)
  parts.stats.setAttribute('aria-label', `Statistics of ${name}`)
  setIcon(parts.fullscreen, now.fullscreen ? 'restore' : 'fullscreen')
  setLabel(parts.fullscreen, now.fullscreen ? 'Exit full screen (F)' : `Show ${name} in full screen (F)`)
  setText(parts.enlarge, now.large ? 'Show all cameras' : 'Enlarge')
  setText(parts.record, now.recording ? 'Stop recording' : 'Record')
  parts.mirror.setAttribute('aria-checked', String(now.mirrored))
}
