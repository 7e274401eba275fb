// @ts-check
/** Small helpers for the page's elements. Writing only changes keeps screen readers from repeating a status. */

/**
 * @template {Element} T
 * @param {ParentNode} parent
 * @param {string} selector
 * @param {new () => T} type
 * @returns {T}
 */
export function find(parent, selector, type) {
  const element = parent.querySelector(selector)
  if (element instanceof type) return element
  throw new Error(`the page has no ${selector}`)
}

/** A copy of the template's content. @param {string} id */
export const cloneTemplate = (id) =>
  /** @type {DocumentFragment} */ (find(document, `#${id}`, HTMLTemplateElement).content.cloneNode(true))

/** @param {Element} element @param {string} text */
export const setText = (element, text) => {
  if (element.textContent !== text) element.textContent = text
}

/** Shows another symbol of index.html. @param {Element} use @param {string} name */
export const setSymbol = (use, name) => {
  const href = `#icon-${name}`
  if (use.getAttribute('href') !== href) use.setAttribute('href', href)
}

/** @param {HTMLElement} button @param {string} name */
export const setIcon = (button, name) => setSymbol(find(button, 'use', SVGUseElement), name)

/** @param {HTMLElement} element @param {string} text */
export const setLabel = (element, text) => {
  if (element.title === text) return
  element.title = text
  element.setAttribute('aria-label', text)
}

/**
 * What has the focus, or is on the full screen, as seen from inside a shadow tree: document has its host there.
 * @param {Node} node @returns {DocumentOrShadowRoot}
 */
export const rootOf = (node) => {
  const root = node.getRootNode()
  return root instanceof ShadowRoot ? root : document
}

/** @param {Node} near */
export const activeElementOf = (near) => rootOf(near).activeElement
