// @ts-check
/** The cameras of this machine, each with a button that adds it to the file. */

import { setText } from './dom.js'
import { element } from './element.js'
import { ChangePreview, sentenceOf } from './owner-change.js'
import { words } from './page-words.js'

/** @param {import('./owner.js').OwnerPage} page @param {(path: string) => void} onSaved */
export function createDevices({ api }, onSaved) {
  const root = element('section', { class: 'owner-devices', 'aria-labelledby': 'devices-title' })
  const search = element('button', { type: 'button', class: 'owner-button' }, words.text('owner.search'))
  const status = element('p', { class: 'owner-note', role: 'status', dir: 'auto' })
  const list = element('ul', { class: 'owner-list' })
  const preview = new ChangePreview(api, {
    saved: (path) => {
      search.focus()
      onSaved(path)
      void find()
    },
    discarded: () => {},
  })
  search.addEventListener('click', () => void find())
  root.append(
    element('h3', { id: 'devices-title' }, words.text('owner.add-title')),
    search,
    status,
    list,
    preview.root,
  )
  return root

  async function find() {
    if (search.ariaDisabled === 'true') return
    search.ariaDisabled = 'true'
    setText(status, words.text('owner.searching'))
    try {
      const { cameras, notes } = await api.devices()
      list.replaceChildren(...cameras.map(deviceItem))
      setText(
        status,
        [cameras.length === 0 ? words.text('owner.none-found') : '', ...notes].filter(Boolean).join(' '),
      )
      setText(search, words.text('owner.search-again'))
    } catch (error) {
      setText(status, sentenceOf(error))
    }
    search.ariaDisabled = 'false'
  }

  /** @param {import('../src/http/routes/owner-answer.js').DeviceAnswer} device */
  function deviceItem({ device, name, modes, used_by: user }) {
    const item = element('li')
    const text = element('div', { class: 'owner-item' })
    text.append(
      element('strong', { dir: 'auto' }, name),
      element('span', { class: 'owner-about', dir: 'auto' }, [device, modes].filter(Boolean).join(' · ')),
    )
    item.append(text)
    if (user !== undefined)
      item.append(element('span', { class: 'owner-about' }, words.text('owner.used', { camera: user })))
    else {
      const use = element('button', { type: 'button', class: 'owner-button' }, words.text('owner.use'))
      use.setAttribute('aria-label', words.text('owner.use-which', { name }))
      use.addEventListener('click', () => preview.show({ add: device }))
      item.append(use)
    }
    return item
  }
}
