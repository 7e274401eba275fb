// @ts-check
/**
 * The current snapshot of a camera, shown in place of the video until that has a frame: a snapshot needs no WebRTC connection.
 * Inlined into the page.
 * @param {string} snapshot its URL
 */
window.loadPoster = (snapshot) => {
  const image = document.createElement('img')
  image.className = 'poster'
  image.alt = '' // the tile is labelled
  const remove = () => {
    image.remove()
    image.removeAttribute('src') // stops a download in progress
  }
  image.addEventListener('error', remove, { once: true })
  image.src = snapshot
  return { image, remove }
}
