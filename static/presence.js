// @ts-check
/** Whether a tile can be seen. A hidden tab and a tile scrolled out of sight give their viewer slots back after some seconds. */

const graceMs = 15_000
/** Tiles this close to the visible part of the page are connected already. */
const nearby = '150px'

/**
 * @param {HTMLElement} tile
 * @param {object} on
 * @param {() => boolean} on.inBackground whether the video is wanted while nobody sees it
 * @param {() => boolean} on.isNeeded whether the video is used although it is not seen
 * @param {() => void} on.away
 * @param {() => void} on.back
 */
export function watchPresence(tile, { inBackground, isNeeded, away, back }) {
  let isInView = true
  let isDozing = false
  let isAway = false
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer

  function update() {
    const isSeen = (inBackground() || (isInView && !document.hidden)) && !isDozing
    if (!isSeen) timer ??= setTimeout(leave, graceMs)
    else {
      clearTimeout(timer)
      timer = undefined
      if (isAway) back()
      isAway = false
    }
  }

  function leave() {
    timer = undefined
    if (isNeeded()) return update() // asks again later
    isAway = true
    away()
  }

  const watching = new AbortController()
  document.addEventListener('visibilitychange', update, { signal: watching.signal })
  const observer = new IntersectionObserver(
    (entries) => {
      isInView = entries.at(-1)?.isIntersecting ?? true
      update()
    },
    { rootMargin: nearby },
  )
  observer.observe(tile)
  return {
    stop() {
      clearTimeout(timer)
      observer.disconnect()
      watching.abort()
    },
    /** The page shows nothing, as after a long time without a touch. @param {boolean} dozing */
    doze(dozing) {
      isDozing = dozing
      update()
      clearTimeout(dozing ? timer : undefined)
      if (dozing && !isAway) leave()
    },
  }
}
