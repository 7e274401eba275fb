// @ts-check
/** Creates elements of the panels. Text and attributes only, so that nothing from the network becomes markup. */

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string>} [attributes]
 */
export function element(name, attributes = {}, text = '') {
  const created = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) created.setAttribute(key, value)
  created.textContent = text
  return created
}
