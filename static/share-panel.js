/** The panel with a camera's addresses for other programs, each with a button that copies it. Fetched when it is first asked for. */

import { addressesOf, originFor } from './addresses.js'

const copiedForMs = 2000

/** @param camera as /api/config describes it, and the server's own address as `piIp`. */
export function openShare(camera) {
  if (document.querySelector('.share-panel')) return
  const panel = document.getElementById('share').content.cloneNode(true).firstElementChild
  panel.querySelector('h2').textContent = `Addresses of ${camera.name}`
  const status = panel.querySelector('.copied')
  const groups = addressesOf(camera, originFor(location, camera.piIp))
  panel.querySelector('.places').append(...groups.map((group, i) => section(group, `share-${i}`, status)))
  panel.querySelector('.close').addEventListener('click', () => panel.close())
  panel.addEventListener('click', ({ target }) => {
    if (target === panel) panel.close() // the backdrop counts as the dialog itself, which has no padding
  })
  panel.addEventListener('close', () => panel.remove())
  document.body.append(panel)
  panel.showModal()
}

function section({ title, where, addresses }, id, status) {
  const all = element('section', { 'aria-labelledby': id })
  all.append(element('h3', { id }, title), element('p', { class: 'where' }, where))
  for (const [i, { label, value }] of addresses.entries()) {
    const row = element('div', { class: 'address' })
    const field = element('input', { id: `${id}-${i}`, readonly: '', spellcheck: 'false' })
    field.value = value
    field.addEventListener('focus', () => field.select())
    const copy = element(
      'button',
      { class: 'copy', type: 'button', 'aria-label': `Copy ${title}, ${label}` },
      'Copy',
    )
    copy.addEventListener('click', () => copyFrom(field, copy, label, status))
    row.append(element('label', { for: field.id }, label), field, copy)
    all.append(row)
  }
  return all
}

async function copyFrom(field, button, label, status) {
  const copied = (await copyWithPermission(field.value)) || copySelected(field)
  button.textContent = copied ? 'Copied' : 'Selected'
  button.toggleAttribute('data-copied', copied)
  status.textContent = copied
    ? `${label} copied`
    : `${label} is selected: copy it with Ctrl+C or by a long press`
  if (copied) button.focus({ preventScroll: true })
  setTimeout(() => {
    button.textContent = 'Copy'
    button.removeAttribute('data-copied')
    status.textContent = ''
  }, copiedForMs)
}

/** Only pages from https and from this machine have the clipboard, and a frame only by leave of its page. */
async function copyWithPermission(text) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

/** The way that is left on a page by http; where it is closed too the text is selected and can be copied by hand. */
function copySelected(field) {
  field.focus({ preventScroll: true })
  field.select()
  field.setSelectionRange(0, field.value.length) // what select() leaves out on iOS
  try {
    return document.execCommand('copy')
  } catch {
    return false
  }
}

function element(name, attributes, text = '') {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.textContent = text
  return made
}
