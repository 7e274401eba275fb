// @ts-check
/** Keyboard, double click and pointer of a tile. */

const pointerIdleMs = 2500

/**
 * @param {HTMLElement} tile
 * @param {Record<string, () => void>} shortcuts by key, in lower case
 */
export function listenForKeys(tile, shortcuts) {
  tile.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return
    if (event.key === ' ' && event.target !== tile) return // a focused button handles the space bar itself
    const shortcut = shortcuts[event.key.toLowerCase()]
    if (!shortcut) return
    event.preventDefault()
    shortcut()
  })
}

/** @param {HTMLElement} tile @param {() => void} handle */
export function onDoubleClick(tile, handle) {
  tile.addEventListener('dblclick', ({ target }) => {
    if (target instanceof Element && !target.closest('button, a')) handle()
  })
}

/** Marks a tile that is not used, so that fullscreen.css can hide labels and controls. @param {HTMLElement} tile */
export function markIdle(tile) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  const restart = () => {
    clearTimeout(timer)
    delete tile.dataset.idle
    timer = setTimeout(() => (tile.dataset.idle = ''), pointerIdleMs)
  }
  for (const name of ['pointermove', 'pointerdown', 'focusin', 'keydown'])
    tile.addEventListener(name, restart)
  restart()
}
