// @ts-check
/** The dialog with a camera's addresses for other programs, each with a copy button. Loaded on first use. */

import { addressesOf, baseFor } from './addresses.js'
import { copyFrom } from './clipboard.js'
import { cloneTemplate, find } from './dom.js'
import { element } from './element.js'
import { words } from './page-words.js'
import { fillWords } from './words.js'

const copiedForMs = 2000

/** @param {import('./tile-context.js').TileCamera} camera @param {string} piIp */
export function openSharePanel(camera, piIp) {
  if (document.querySelector('.share-panel')) return
  const panel = find(cloneTemplate('share'), 'dialog', HTMLDialogElement)
  find(panel, 'h2', HTMLElement).textContent = words.text('page.share.title', { name: camera.name })
  fillWords(panel, words)
  const status = find(panel, '.copied', HTMLElement)
  const groups = addressesOf(camera, baseFor(window.boot.root, piIp), words)
  find(panel, '.address-groups', HTMLElement).append(
    ...groups.map((group, i) => section(group, `share-${i}`, status)),
  )
  find(panel, '.close', HTMLElement).addEventListener('click', () => panel.close())
  panel.addEventListener('click', ({ target }) => {
    if (target === panel) panel.close() // a click on the backdrop: the dialog itself has no padding
  })
  panel.addEventListener('close', () => panel.remove())
  document.body.append(panel)
  panel.showModal()
}

/** @param {import('./addresses.js').AddressGroup} group @param {string} id @param {HTMLElement} status */
function section({ title, usage, addresses }, id, status) {
  const root = element('section', { 'aria-labelledby': id })
  root.append(element('h3', { id }, title), element('p', { class: 'usage' }, usage))
  for (const [i, { label, value }] of addresses.entries()) {
    const row = element('div', { class: 'address' })
    const field = element('input', { id: `${id}-${i}`, readonly: '', spellcheck: 'false' })
    field.value = value
    field.addEventListener('focus', () => field.select())
    const copyLabel = words.text('page.share.copy-what', { title, label })
    const copy = element(
      'button',
      { class: 'copy', type: 'button', 'aria-label': copyLabel },
      words.text('page.share.copy'),
    )
    copy.addEventListener('click', () => onCopy(field, copy, label, status))
    row.append(element('label', { for: field.id }, label), field, copy)
    root.append(row)
  }
  return root
}

/**
 * @param {HTMLInputElement} field
 * @param {HTMLButtonElement} button
 * @param {string} label
 * @param {HTMLElement} status
 */
async function onCopy(field, button, label, status) {
  const copied = await copyFrom(field)
  button.textContent = words.text(copied ? 'page.share.copied' : 'page.share.selected')
  button.toggleAttribute('data-copied', copied)
  status.textContent = words.text(copied ? 'page.share.copied-what' : 'page.share.selected-what', { label })
  if (copied) button.focus({ preventScroll: true })
  setTimeout(() => {
    button.textContent = words.text('page.share.copy')
    button.removeAttribute('data-copied')
    status.textContent = ''
  }, copiedForMs)
}
