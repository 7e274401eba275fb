// @ts-check
/** Marks a tile as used for some seconds after the pointer, a finger or a key: its controls are shown that long. */

const usedForMs = 4000

/**
 * @param {HTMLElement} tile
 * @param {() => boolean} isBusy whether the controls have to stay
 * @returns {{ mark: () => void, toggle: () => void }}
 */
export function markActive(tile, isBusy) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  const end = () => {
    if (isBusy()) return mark()
    delete tile.dataset.active
  }
  function mark() {
    clearTimeout(timer)
    tile.dataset.active = ''
    timer = setTimeout(end, usedForMs)
  }
  tile.addEventListener('pointermove', ({ pointerType }) => pointerType !== 'touch' && mark())
  tile.addEventListener('keydown', mark)
  // Only focus by the keyboard: a tap moves the focus before its click, which toggles.
  tile.addEventListener('focusin', ({ target }) => {
    if (target instanceof Element && target.matches(':focus-visible')) mark()
  })
  tile.addEventListener('pointerleave', ({ pointerType }) => {
    if (pointerType === 'touch' || isBusy()) return
    clearTimeout(timer)
    delete tile.dataset.active
  })
  return {
    mark,
    /** By a tap. */
    toggle() {
      if (tile.dataset.active === undefined) return mark()
      clearTimeout(timer)
      end()
    },
  }
}
