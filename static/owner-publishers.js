// @ts-check
/** Who publishes to the cameras of this server, each with a button that ends it. */

import { element } from './element.js'
import { durationText } from './owner-words.js'
import { words } from './page-words.js'

/**
 * @param {import('./owner-api.js').Publisher[]} publishers
 * @param {(camera: string) => void} end
 * @returns {HTMLElement[]} none if nobody publishes
 */
export function publisherElements(publishers, end) {
  if (publishers.length === 0) return []
  const list = element('ul', { class: 'owner-list' })
  list.append(...publishers.map((publisher) => publisherItem(publisher, end)))
  return [element('h3', {}, words.text('owner.publishing')), list]
}

/** @param {import('./owner-api.js').Publisher} publisher @param {(camera: string) => void} end */
function publisherItem(
  { camera, address, transport, for_seconds: seconds, connected, bitrate_bps: bps },
  end,
) {
  const item = element('li')
  const text = element('div', { class: 'owner-item' })
  const facts = [
    camera,
    durationText(seconds),
    connected ? transport : words.text('owner.connecting'),
    bps === undefined ? '' : words.text('owner.mbit', { value: words.number(bps / 1e6, 1) }),
  ]
  const who = address ?? words.text('owner.unknown-address')
  text.append(
    element('strong', { dir: 'ltr' }, who),
    element('span', { class: 'owner-about' }, facts.filter(Boolean).join(' · ')),
  )
  const button = element(
    'button',
    { type: 'button', class: 'owner-button', 'data-publisher': camera },
    words.text('owner.end'),
  )
  button.setAttribute('aria-label', words.text('owner.end-publisher', { address: who, camera }))
  button.addEventListener('click', () => end(camera))
  item.append(text, button)
  return item
}
