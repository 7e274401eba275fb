// @ts-check
/**
 * The style sheets of a tile in a shadow tree, requested once for all elements of a page. They are constructed, so that a page with a
 * Content-Security-Policy needs no style-src for them.
 */

const addresses = [
  new URL('./helpers.css', import.meta.url),
  new URL('./tile.css', import.meta.url),
  new URL('./tile-labels.css', import.meta.url),
  new URL('./tile-notice.css', import.meta.url),
  new URL('./tile-action.css', import.meta.url),
  new URL('./tile-controls.css', import.meta.url),
  new URL('./fullscreen.css', import.meta.url),
  new URL('./stats-overlay.css', import.meta.url),
  new URL('./congestion.css', import.meta.url),
  new URL('./menu.css', import.meta.url),
  new URL('./rpi-camera.css', import.meta.url),
]

/** @type {Promise<CSSStyleSheet[]> | undefined} */
let loaded

/**
 * @param {Element} host whose font has the size that the user prefers
 * @returns {Promise<CSSStyleSheet[]>} rejects if one cannot be loaded; the next call tries again
 */
export function loadSheets(host) {
  loaded ??= Promise.all(addresses.map((address) => load(address, host))).catch((error) => {
    loaded = undefined
    throw error
  })
  return loaded
}

/** @param {URL} address @param {Element} host */
async function load(address, host) {
  const response = await fetch(address)
  if (!response.ok) throw new Error(`${address} cannot be loaded: status ${response.status}`)
  const sheet = new CSSStyleSheet()
  // rem depends on the font of the page.
  const remPx = parseFloat(getComputedStyle(host).fontSize)
  const text = await response.text()
  sheet.replaceSync(text.replaceAll(/([\d.]+)rem\b/g, (_, number) => `${Number(number) * remPx}px`))
  return sheet
}
