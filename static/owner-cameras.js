// @ts-check
/** The cameras of the owner's page: their settings, undo, and further cameras of this machine. */

import { setText } from './dom.js'
import { element } from './element.js'
import { CameraCard } from './owner-camera.js'
import { lineElements } from './owner-change.js'
import { createDevices } from './owner-devices.js'
import { words } from './page-words.js'

/** @typedef {import('./owner.js').OwnerPage} OwnerPage */

/** @param {HTMLElement} section @param {OwnerPage} page @returns {import('./owner.js').Section} */
export function createCameras(section, page) {
  /** @type {Map<string, CameraCard>} */
  const cards = new Map()
  const notice = element('p', { class: 'owner-notice', dir: 'auto' })
  const list = element('div', { class: 'owner-cameras' })
  const undo = element('details', { class: 'owner-undo' })
  const devices = createDevices(page, saved)
  section.append(notice, list, undo, devices)

  async function load() {
    const [{ cameras }, settings] = await Promise.all([page.api.cameras(), page.api.settings()])
    showCameras(cameras)
    for (const card of cards.values()) card.showSettings(settings.cameras.find(({ key }) => key === card.key))
    const texts = [
      settings.why?.message,
      settings.found ? words.text('owner.found') : '',
      cameras.length === 0 ? words.text('owner.no-cameras') : '',
    ]
    setText(notice, texts.filter(Boolean).join(' '))
    showUndo(settings.undo)
    return cameras
  }

  /** @param {import('./owner-api.js').Camera[]} cameras */
  function showCameras(cameras) {
    for (const [key, card] of cards)
      if (!cameras.some((camera) => camera.key === key)) {
        card.close()
        cards.delete(key)
      }
    for (const camera of cameras) {
      const card = cards.get(camera.key)
      if (card) card.showState(camera)
      else {
        const added = new CameraCard(camera, page, saved)
        cards.set(camera.key, added)
        list.append(added.root)
      }
    }
  }

  /** @param {import('./owner-api.js').SettingsAnswer['undo']} last */
  function showUndo(last) {
    undo.hidden = !last
    if (!last) return
    const button = element('button', { type: 'button', class: 'owner-button' }, words.text('owner.undo'))
    button.addEventListener('click', () =>
      page.run(async () => {
        const { path } = await page.api.undo()
        await load()
        section.querySelector('h2')?.focus()
        return words.text('owner.undone', { path })
      }),
    )
    undo.replaceChildren(
      element('summary', {}, words.text('owner.undo-title')),
      element('p', { class: 'owner-note' }, words.text('owner.undo-lines')),
      ...lineElements(last.lines),
      button,
    )
  }

  /** @param {string} path @param {string} [camera] whose form had the focus */
  function saved(path, camera) {
    page.run(async () => {
      await load()
      if (!section.contains(document.activeElement))
        (cards.get(camera ?? '') ?? section.querySelector('h2'))?.focus()
      return words.text('owner.saved', { path })
    })
  }

  return {
    show: async (hash) => {
      const cameras = await load()
      const wanted = cards.get(hash) ?? (cameras.length === 1 ? cards.get(cameras[0]?.key ?? '') : undefined)
      if (wanted) wanted.root.open = true
      if (wanted && hash === wanted.key) wanted.root.scrollIntoView()
    },
    changed: async (event) => {
      if (event === 'config') await load()
      else if (event === 'cameras') showCameras((await page.api.cameras()).cameras)
    },
  }
}
