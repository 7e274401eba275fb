// @ts-check
/** Saves what a tile shows as a JPEG. Loaded on first use. */

/**
 * @param {import('./tile-picture.js').TilePicture} picture
 * @param {HTMLVideoElement | HTMLImageElement} source
 * @param {string} name of the camera
 */
export async function savePicture(picture, source, name) {
  const blob = await snapshotOf(picture, source)
  if (blob) saveFile(blob, fileName(name, 'jpg'))
}

/**
 * @param {import('./tile-picture.js').TilePicture} picture
 * @param {HTMLVideoElement | HTMLImageElement} source
 * @returns {Promise<Blob | null>}
 */
export async function snapshotOf(picture, source) {
  const context = document.createElement('canvas').getContext('2d')
  if (!context) return null
  picture.draw(context, source)
  return await new Promise((resolve) => context.canvas.toBlob(resolve, 'image/jpeg', 0.92))
}

/** "Printer 2026-11-29 14.03.07.jpg", in local time. @param {string} camera @param {string} ending */
export function fileName(camera, ending, now = new Date()) {
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000)
  const time = local.toISOString().slice(0, 19).replace('T', ' ').replaceAll(':', '.')
  return `${camera.replace(/[\\/:*?"<>|\p{Cc}]+/gu, '_')} ${time}.${ending}`
}

/** @param {Blob} blob @param {string} name */
export function saveFile(blob, name) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000) // the browser reads it after the click
}
