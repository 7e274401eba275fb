// @ts-check
/** Who watches, each with a button that ends the session, who could not connect, and who publishes. */

import { element } from './element.js'
import { publisherElements } from './owner-publishers.js'
import { refreshing } from './owner-refresh.js'
import { durationText } from './owner-words.js'
import { words } from './page-words.js'
import { reasonOfFailure } from './reasons.js'

const refreshMs = 5000

/** @param {HTMLElement} section @param {import('./owner.js').OwnerPage} page @returns {import('./owner.js').Section} */
export function createViewers(section, page) {
  const list = element('ul', { class: 'owner-list' })
  const failed = element('div')
  const publishing = element('div')
  section.append(list, failed, publishing)

  async function load() {
    const [{ viewers, could_not_connect: failures }, { publishers }] = await Promise.all([
      page.api.viewers(),
      page.api.publishers(),
    ])
    const focused = document.activeElement?.getAttribute('data-viewer')
    list.replaceChildren(
      ...(viewers.length === 0
        ? [element('li', { class: 'owner-about' }, words.text('owner.nobody'))]
        : viewers.map(viewerItem)),
    )
    const again = focused ? list.querySelector(`[data-viewer="${focused}"]`) : null
    if (again instanceof HTMLElement) again.focus()
    failed.replaceChildren(...(failures.length === 0 ? [] : failureElements(failures)))
    const focusedPublisher = document.activeElement?.getAttribute('data-publisher')
    publishing.replaceChildren(...publisherElements(publishers, endPublisher))
    const same = focusedPublisher ? publishing.querySelector(`[data-publisher="${focusedPublisher}"]`) : null
    if (same instanceof HTMLElement) same.focus()
  }

  /** @param {string} camera */
  function endPublisher(camera) {
    page.run(async () => {
      await page.api.endPublisher(camera)
      await load()
      if (document.activeElement === document.body) section.querySelector('h2')?.focus()
      return words.text('owner.publisher-ended')
    })
  }

  /** @param {import('./owner-api.js').Viewer} viewer */
  function viewerItem({ id, camera, via, address, transport, for_seconds: seconds, connected, congested }) {
    const item = element('li')
    const text = element('div', { class: 'owner-item' })
    const facts = [
      camera,
      durationText(seconds),
      [via, transport].filter(Boolean).join(', '),
      connected ? '' : words.text('owner.connecting'),
      congested ? words.text('owner.slow') : '',
    ]
    const who = address ?? words.text('owner.unknown-address')
    text.append(
      element('strong', { dir: 'ltr' }, who),
      element('span', { class: 'owner-about' }, facts.filter(Boolean).join(' · ')),
    )
    const end = element(
      'button',
      { type: 'button', class: 'owner-button', 'data-viewer': String(id) },
      words.text('owner.end'),
    )
    end.setAttribute('aria-label', words.text('owner.end-of', { address: who, camera }))
    end.addEventListener('click', () =>
      page.run(async () => {
        await page.api.end(id)
        await load()
        if (document.activeElement === document.body) section.querySelector('h2')?.focus()
        return words.text('owner.ended')
      }),
    )
    item.append(text, end)
    return item
  }

  return {
    ...refreshing(load, refreshMs),
    changed: async (event) => (event === 'viewers' ? await load() : undefined),
  }
}

/** @param {import('./owner-api.js').Failure[]} failures */
function failureElements(failures) {
  const list = element('ul', { class: 'owner-list' })
  list.append(
    ...failures.map((failure) => {
      const { camera, address, seconds_ago: seconds } = failure
      const { message, hint, isEnglish } = reasonOfFailure(failure, words)
      const item = element('li')
      const text = element('div', { class: 'owner-item' })
      text.append(
        element('strong', { dir: 'ltr' }, address),
        element('span', { class: 'owner-about' }, `${camera} · ${durationText(seconds)}`),
        element('span', { dir: 'auto', ...(isEnglish.message && { lang: 'en' }) }, `${message} ${hint}`),
      )
      item.append(text)
      return item
    }),
  )
  return [element('h3', {}, words.text('owner.failed')), list]
}
