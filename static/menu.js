// @ts-check
/** A menu that opens from a button: pointer, arrow keys, Escape (WAI-ARIA Authoring Practices, menu button). */

import { activeElementOf } from './dom.js'

const edgePx = 8

/**
 * @param {HTMLElement} button
 * @param {HTMLElement} menu
 * @param {() => void} [opening] before it is shown
 */
export function bindMenu(button, menu, opening = () => {}) {
  /** @type {AbortController | null} */
  let open = null
  button.setAttribute('aria-expanded', 'false')
  button.addEventListener('click', () => (open ? close() : show()))
  return { close, place, isOpen: () => open !== null }

  function show() {
    opening()
    open = new AbortController()
    const { signal } = open
    menu.hidden = false
    menu.showPopover?.()
    button.setAttribute('aria-expanded', 'true')
    place()
    items()[0]?.focus({ preventScroll: true })
    document.addEventListener('pointerdown', onPointerDown, { capture: true, signal })
    window.addEventListener('resize', close, { signal })
    window.addEventListener('scroll', close, { signal })
    menu.addEventListener('keydown', onKey, { signal })
    menu.addEventListener('click', onChoice, { signal })
  }

  function close() {
    if (!open) return
    open.abort()
    open = null
    const hadFocus = menu.contains(activeElementOf(menu))
    menu.hidePopover?.()
    menu.hidden = true
    button.setAttribute('aria-expanded', 'false')
    if (hadFocus) button.focus({ preventScroll: true })
  }

  /** Above or below the button, inside the window. */
  function place() {
    const at = button.getBoundingClientRect()
    const { offsetWidth, offsetHeight } = menu
    const { clientWidth, clientHeight } = document.documentElement
    // It ends where its button ends, in the direction of the text.
    const end = getComputedStyle(button).direction === 'rtl' ? at.left : at.right - offsetWidth
    const x = Math.min(end, clientWidth - offsetWidth - edgePx)
    const above = at.top - offsetHeight - edgePx
    const y = above >= edgePx ? above : Math.min(at.bottom + edgePx, clientHeight - offsetHeight - edgePx)
    menu.style.setProperty('--menu-x', `${Math.max(edgePx, x)}px`)
    menu.style.setProperty('--menu-y', `${Math.max(edgePx, y)}px`)
  }

  function items() {
    return [...menu.querySelectorAll('[role^="menuitem"]')].flatMap((item) =>
      item instanceof HTMLElement && item.getClientRects().length > 0 ? [item] : [],
    )
  }

  /** @param {PointerEvent} event of the document, whose target may be the host of a shadow tree */
  function onPointerDown(event) {
    const target = event.composedPath()[0]
    if (target instanceof Node && !menu.contains(target) && !button.contains(target)) close()
  }

  /** @param {Event} event */
  function onChoice({ target }) {
    const item = target instanceof Element ? target.closest('[role^="menuitem"]') : null
    if (item && !item.hasAttribute('data-stays')) close()
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const all = items()
    const at = all.indexOf(/** @type {HTMLElement} */ (activeElementOf(menu)))
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key]
    if (next !== undefined) all.at(next % all.length)?.focus()
    else if (event.key === 'Escape' || event.key === 'Tab') close()
    else return
    event.stopPropagation()
    if (event.key !== 'Tab') event.preventDefault()
  }
}
