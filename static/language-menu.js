// @ts-check
/** The languages in the menu of the page. Loaded on first use. */

import { element } from './element.js'
import { words } from './page-words.js'
import { languages } from './words.js'

/** @param {HTMLElement} button @param {HTMLElement} group in which they are */
export function toggleLanguages(button, group) {
  if (group.children.length === 0) group.append(...['', ...languages].map(createItem))
  group.hidden = !group.hidden
  button.setAttribute('aria-expanded', String(!group.hidden))
  const chosen = group.querySelector('[aria-checked="true"]')
  if (!group.hidden && chosen instanceof HTMLElement) chosen.focus({ preventScroll: true })
}

/** Each language in its own words. @param {string} language "": that of the browser */
function createItem(language) {
  const isChosen = language === window.choices.read().language
  const attributes = {
    type: 'button',
    role: 'menuitemradio',
    tabindex: '-1',
    'aria-checked': String(isChosen),
  }
  const item = element(
    'button',
    { ...attributes, ...(language && { lang: language, dir: 'auto' }) },
    language ? nameOf(language) : words.text('page.menu.language-auto'),
  )
  item.addEventListener('click', () => {
    window.choices.change({ language })
    const address = new URL(location.href)
    address.searchParams.delete('lang')
    // The server writes the language of the browser into the page, so it is loaded again. A fragment alone would not do that.
    if (address.href === location.href) location.reload()
    else location.replace(address)
  })
  return item
}

/** @param {string} language */
const nameOf = (language) => new Intl.DisplayNames(language, { type: 'language' }).of(language) ?? language
