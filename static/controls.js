// @ts-check
/** Icons and labels of a tile's buttons and of its menu. */

import { setIcon, setLabel, setText } from './dom.js'

/**
 * @param {import('./tile-parts.js').TileParts} parts
 * @typedef {{ name: string, paused: boolean, live: boolean, fullscreen: boolean, large: boolean, recording: boolean, mirrored: boolean,
 *   quality: import('../src/signalling/quality.js').Quality, hasSizes: boolean }} Now
 * @param {Now} now
 * @param {import('./tile-sound.js').TileSound} sound
 * @param {import('./words.js').Words} words
 */
export function labelControls(parts, now, sound, words) {
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
  parts.recording.hidden = !now.recording
  parts.record.hidden = !now.live || !window.MediaRecorder
  for (const [quality, item] of Object.entries(parts.qualities)) {
    item.hidden = !now.hasSizes
    item.setAttribute('aria-checked', String(now.quality === quality))
  }
  labelSound(parts, sound, name, words)
  // The toolbar has room for three buttons and the menu.
  parts.save.hidden = !now.live || sound.isAvailable
  parts.saveItem.hidden = !now.live || !sound.isAvailable
}

/** @param {import('./tile-parts.js').TileParts} parts @param {import('./tile-sound.js').TileSound} sound @param {string} name @param {import('./words.js').Words} words */
function labelSound(parts, sound, name, words) {
  parts.sound.hidden = !sound.isAvailable
  parts.louder.hidden = parts.quieter.hidden = !sound.hasVolume
  if (!sound.isAvailable) return
  setIcon(parts.sound, sound.isOn ? 'sound' : 'muted')
  setLabel(parts.sound, words.text('tile.label.sound', { name }))
  parts.sound.setAttribute('aria-pressed', String(sound.isOn))
  setText(parts.louder, words.text('tile.menu.louder', { percent: Math.round(sound.volume * 100) }))
}
