// @ts-check
/** Title and icon of the page, which are all that is seen of it in a row of tabs. */

/**
 * @typedef {import('./tile-state.js').TileState} TileState
 * @typedef {{ name: string, state: TileState }} TitleCamera
 */

const product = 'rpi-webrtc'
/** States in which somebody should look. The others are what the user chose, or last for a moment. */
const isWrong = (/** @type {TileState} */ state) =>
  ['lost', 'reconnecting', 'full', 'unsupported'].includes(state)

/** @param {TitleCamera[]} cameras @returns {'live' | 'wrong' | 'idle'} */
export function pageState(cameras) {
  if (cameras.some(({ state }) => isWrong(state))) return 'wrong'
  return cameras.some(({ state }) => state === 'live') ? 'live' : 'idle'
}

/**
 * The beginning is what a narrow tab shows.
 * @param {string | null} siteName
 * @param {TitleCamera[]} cameras
 * @param {import('./words.js').Words} words
 */
export function pageTitle(siteName, cameras, words) {
  const site = cameras.length === 1 ? (cameras[0]?.name ?? product) : (siteName ?? words.text('page.title'))
  const wrong = cameras.filter(({ state }) => isWrong(state)).map(({ name }) => name)
  switch (pageState(cameras)) {
    case 'live':
      return `● ${site}`
    case 'idle':
      return site
    case 'wrong':
      return cameras.length === 1 ? `⚠ ${site}` : `⚠ ${wrong.join(', ')} · ${site}`
  }
}

/** The dot of favicon.svg, and another shape, because not everybody sees the colour. */
const marks = {
  live: '<circle cx="16" cy="16" r="4.5" fill="#e5345f"/>',
  wrong: '<path d="M14 10h4v7h-4zm0 9h4v4h-4z" fill="#f0b429"/>',
  idle: '',
}

/** @param {keyof typeof marks} state */
export const pageIcon = (state) =>
  `data:image/svg+xml,${encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#15191b"/>' +
      `<circle cx="16" cy="16" r="9.5" fill="none" stroke="#f3f4f1" stroke-width="2.5"/>${marks[state]}</svg>`,
  )}`
