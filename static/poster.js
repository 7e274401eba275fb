// @ts-check
/**
 * The current snapshot of a camera, shown in place of the video until that has a frame: a snapshot needs no WebRTC connection.
 * Inlined into the page.
 */

/** @param {string} snapshot its URL @param {boolean} [isCrossOrigin] */
export function loadPoster(snapshot, isCrossOrigin = false) {
  const image = document.createElement('img')
  image.className = 'poster'
  image.alt = '' // the tile is labelled
  const remove = () => {
    image.remove()
    image.removeAttribute('src') // stops a download in progress
  }
  image.addEventListener('error', remove, { once: true })
  if (isCrossOrigin) image.crossOrigin = 'anonymous'
  image.src = snapshot
  return { image, remove }
}

/** On a slow network a snapshot would delay the video. */
export function isSlowNetwork() {
  const { saveData = false, effectiveType = '4g' } = navigator.connection ?? {}
  return saveData || effectiveType !== '4g'
}
