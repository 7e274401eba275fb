// @ts-check
/** The last lines of the log, followed while they are shown. */

import { element } from './element.js'
import { refreshing } from './owner-refresh.js'
import { words } from './page-words.js'

const refreshMs = 3000
/** As the server keeps. */
const maxLines = 300

/** @param {HTMLElement} section @param {import('./owner.js').OwnerPage} page @returns {import('./owner.js').Section} */
export function createLog(section, page) {
  const list = element('ol', { class: 'owner-log', tabindex: '0', 'aria-labelledby': 'log-title' })
  const empty = element('p', { class: 'owner-note' }, words.text('owner.no-log'))
  section.append(empty, list)
  let last = 0

  async function load() {
    const isAtEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - 4
    const { lines } = await page.api.log(last)
    list.append(...lines.map(lineItem))
    while (list.children.length > maxLines) list.firstElementChild?.remove()
    last = lines.at(-1)?.number ?? last
    empty.hidden = list.children.length > 0
    if (isAtEnd) list.scrollTop = list.scrollHeight
  }

  const { show, hide } = refreshing(load, refreshMs)
  return {
    show: async () => {
      await show()
      list.scrollTop = list.scrollHeight
    },
    hide,
    /** A new process counts from 1. */
    restarted: () => {
      last = 0
      list.replaceChildren()
    },
  }
}

/** @param {import('../src/http/routes/owner-answer.js').LogLineAnswer} line */
function lineItem({ time, level, part, message }) {
  const item = element('li', { 'data-level': level, dir: 'ltr' })
  const at = new Date(time)
  const clock = element(
    'time',
    { datetime: time, title: at.toLocaleString(words.language) },
    at.toLocaleTimeString(words.language),
  )
  item.append(
    clock,
    ...(level === 'info' ? [] : [element('strong', {}, words.text(`owner.level.${level}`))]),
    element('span', { class: 'owner-about' }, part),
    element('span', {}, message),
  )
  return item
}
