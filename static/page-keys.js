// @ts-check
/** Keys of the page. They act on the tile that has the focus, else on the one under the pointer, else on the large or first one. */

/** @typedef {import('./camera-tile.js').CameraTile} CameraTile */

/** @type {Record<string, readonly [number, number]>} right and down */
const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

/** @param {import('./layout.js').PageLayout} layout @param {() => void} openHelp */
export function listenForKeys(layout, openHelp) {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event)) return
    const focused = tileOf(document.activeElement)
    const onTile = document.activeElement === focused
    // Single keys without focus can be switched off (WCAG 2.1.4).
    if (!focused && event.key !== 'Escape' && !window.choices.read().keys) return
    if (event.key === ' ' && !onTile) return // a focused button handles the space bar itself
    const tile = focused ?? tileOf(document.fullscreenElement) ?? hoveredTile() ?? layout.mainTile
    if (handle(event, tile ?? null, onTile)) event.preventDefault()
  })

  /** @param {KeyboardEvent} event @param {CameraTile | null} tile @param {boolean} onTile @returns {boolean} */
  function handle({ key, repeat, shiftKey }, tile, onTile) {
    const arrow = arrows[key]
    if (arrow && !shiftKey && tile?.moveBy(...arrow)) return true
    // An arrow that nothing uses scrolls the page.
    // From right to left the next camera is at the left. The picture itself is not mirrored.
    const forward = document.documentElement.dir === 'rtl' ? -1 : 1
    if (arrow && shiftKey) return onTile && tile !== null && layout.move(tile, arrow[0] * forward + arrow[1])
    if (arrow)
      return (onTile || layout.layout.name !== 'grid') && layout.next(arrow[0] * forward + arrow[1], tile)
    if (key === '+' || key === '=' || key === '-') return tile?.press(key) ?? false
    if (repeat) return false
    if (key === '0' || key === 'Escape') return (tile?.unzoom() ?? false) || layout.showAll()
    if (/^[1-9]$/.test(key)) return layout.show(Number(key) - 1)
    if (key === '?') return (openHelp(), true)
    return tile?.press(key.toLowerCase()) ?? false
  }
}

/** @param {KeyboardEvent} event */
const isTyping = ({ target }) =>
  target instanceof Element &&
  target.closest('input, textarea, select, dialog, .settings-panel, [role="menu"]') !== null

/** @param {Element | null} element @returns {CameraTile | null} */
const tileOf = (element) => element?.closest('camera-tile') ?? null

const hoveredTile = () => tileOf(document.querySelector('camera-tile:hover'))
