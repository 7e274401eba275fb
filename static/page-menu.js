// @ts-check
/** The buttons at the top of the page: layout, full screen, colours, keys and language. */

import { find } from './dom.js'
import { bindMenu } from './menu.js'

/** @returns {{ open: () => void }} */
export function fillMasthead() {
  const fullscreen = find(document, '#page-fullscreen', HTMLButtonElement)
  const more = find(document, '#page-more', HTMLButtonElement)
  const menu = find(document, '#page-menu', HTMLElement)
  const { documentElement: root } = document
  fullscreen.hidden = !root.requestFullscreen
  fullscreen.addEventListener('click', () => {
    const change = document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()
    change.catch(() => {}) // browsers may refuse it
  })
  const { place } = bindMenu(more, menu, render)
  toggle('light', () => window.choices.change({ colours: isLight() ? 'dark' : 'light' }))
  const signOutItem = find(menu, '.sign-out', HTMLButtonElement)
  signOutItem.hidden = !window.boot.bootstrap.may_sign_out
  signOutItem.addEventListener('click', signOut)
  toggle('keys', () => window.choices.change({ keys: !window.choices.read().keys }))
  const language = find(menu, '.language', HTMLButtonElement)
  language.addEventListener('click', async () => {
    const { toggleLanguages } = await import('./language-menu.js')
    toggleLanguages(language, find(menu, '.languages', HTMLElement))
    place()
  })
  const { bootstrap, cameraOfPage } = window.boot
  const query = new URLSearchParams(location.search)
  query.delete('token') // it would go on deciding what is permitted
  const here = `${cameraOfPage ? `${cameraOfPage}/` : ''}${query.size > 0 ? `?${query}` : ''}${location.hash}`
  link('owner-page', 'owner', bootstrap.may_administer)
  link('sign-in', `sign-in?to=${encodeURIComponent(here)}`, bootstrap.may_sign_in)
  link('certificate', 'certificate', bootstrap.has_authority)
  render()
  return { open: () => more.click() }

  /** @param {string} name @param {string} address below the root @param {boolean | undefined} isOffered */
  function link(name, address, isOffered = false) {
    const item = find(menu, `.${name}`, HTMLAnchorElement)
    item.href = new URL(address, window.boot.root).href
    item.hidden = !isOffered
  }

  /** @param {string} name @param {() => void} change */
  function toggle(name, change) {
    find(menu, `.${name}`, HTMLButtonElement).addEventListener('click', () => {
      change()
      render()
    })
  }

  function render() {
    const { colours, keys } = window.choices.read()
    root.dataset.colours = colours
    find(document, 'meta[name="theme-color"]', HTMLMetaElement).content =
      colours === 'light' ? '#f3f4f1' : '#0f1213'
    find(menu, '.light', HTMLElement).setAttribute('aria-checked', String(isLight()))
    find(menu, '.keys', HTMLElement).setAttribute('aria-checked', String(keys))
  }
}

/** Without the query: a token in it would sign in again. */
async function signOut() {
  try {
    await fetch(new URL('sign-out', window.boot.root), { method: 'POST' })
    location.assign(window.boot.root)
  } catch {
    // the server is away: the page says so
  }
}

const isLight = () => window.choices.read().colours === 'light'
