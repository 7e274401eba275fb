// @ts-check
/** The settings of a camera, beside its picture. For administrators; loaded on first use. */

import { loadWords } from './page-words.js'
import { SettingsDialog } from './settings-dialog.js'
import { SettingsEditor } from './settings-editor.js'
import { loadStyles } from './style-sheets.js'

/** @type {{ camera: string, close: () => void } | null} */
let open = null

/**
 * Opens the settings of a camera, or closes them if they are open.
 * @param {{ key: string, name: string }} camera
 * @param {HTMLElement} tile
 * @param {HTMLElement} button
 */
export async function toggleSettingsPanel({ key, name }, tile, button) {
  await Promise.all([loadStyles('settings-panel.css', 'settings-row.css'), loadWords('settings')])
  const before = open
  before?.close()
  if (before?.camera === key) return
  const editor = new SettingsEditor(
    key,
    window.boot.root,
    (on) => new SettingsDialog(name, tile, button, { ...on, close }),
  )
  const panel = { camera: key, close }
  open = panel

  function close() {
    editor.close()
    if (open === panel) open = null
  }
}
