// @ts-check
/** A problem that all tiles share: said once above them, and not in each. */

import { find, setText } from './dom.js'

/** Most reconnections are shorter, and the banner moves every picture. */
const afterMs = 1500

/**
 * @param {HTMLElement} banner
 * @param {readonly { problem: string }[]} tiles the current ones
 * @returns {() => void} to be called when a problem may have changed
 */
export function createBanner(banner, tiles) {
  let common = ''
  let dismissed = ''
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  find(banner, '.close', HTMLElement).addEventListener('click', () => {
    dismissed = common
    render()
  })
  return update

  function update() {
    const now = commonProblem(tiles.map(({ problem }) => problem))
    if (now === common) return
    const isShown = common !== '' && timer === undefined
    common = now
    clearTimeout(timer)
    timer = undefined
    if (now === '' || isShown) render()
    else timer = setTimeout(render, afterMs)
  }

  function render() {
    timer = undefined
    if (common !== dismissed) dismissed = ''
    setText(find(banner, '.text', HTMLElement), common)
    banner.hidden = common === '' || common === dismissed
    document.documentElement.toggleAttribute('data-common-problem', common !== '')
  }
}

/** "" unless two tiles or more have the same. Pure. @param {readonly string[]} problems */
export const commonProblem = ([first = '', ...others]) =>
  others.length > 0 && others.every((problem) => problem === first) ? first : ''
