// @ts-check
/** Icons and labels of a tile's buttons and of its menu. */

import { setIcon, setLabel, setText } from './dom.js'

/**
 * @param {import('./tile-parts.js').TileParts} parts
 * @param {{ name: string, paused: boolean, fullscreen: boolean, large: boolean, recording: boolean, mirrored: boolean,
 *   quality: import('../src/signalling/quality.js').Quality, hasSizes: boolean }} now
 * @param {import('./words.js').Words} words
 */
export function labelControls(parts, now, words) {
  const { name } = now
  setIcon(parts.pause, now.paused ? 'play' : 'pause')
  setLabel(parts.pause, words.text(now.paused ? 'tile.label.play' : 'tile.label.pause', { name }))
  setLabel(parts.save, words.text('tile.label.save', { name }))
  setLabel(parts.more, words.text('tile.label.more', { name }))
  parts.menu.setAttribute('aria-label', words.text('tile.label.more', { name }))
  parts.stats.setAttribute('aria-label', words.text('tile.label.stats', { name }))
  setIcon(parts.fullscreen, now.fullscreen ? 'restore' : 'fullscreen')
  const fullscreen = now.fullscreen ? 'tile.label.exit-fullscreen' : 'tile.label.fullscreen'
  setLabel(parts.fullscreen, words.text(fullscreen, { name }))
  setText(parts.enlarge, words.text(now.large ? 'tile.menu.show-all' : 'tile.menu.enlarge'))
  setText(parts.record, words.text(now.recording ? 'tile.menu.stop-recording' : 'tile.menu.record'))
  parts.mirror.setAttribute('aria-checked', String(now.mirrored))
  for (const [quality, item] of Object.entries(parts.qualities)) {
    item.hidden = !now.hasSizes
    item.setAttribute('aria-checked', String(now.quality === quality))
  }
}
