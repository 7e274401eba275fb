/** Full screen and picture-in-picture, each with the name its browser knows it by. */

const fullscreenElement = () => document.fullscreenElement ?? document.webkitFullscreenElement ?? null

export const isFullscreen = (tile) => fullscreenElement() === tile

export const canFullscreen = (tile, video) =>
  Boolean(tile.requestFullscreen ?? tile.webkitRequestFullscreen ?? video.webkitEnterFullscreen)

export function toggleFullscreen(tile, video) {
  if (fullscreenElement()) return (document.exitFullscreen ?? document.webkitExitFullscreen).call(document)
  const request = tile.requestFullscreen ?? tile.webkitRequestFullscreen
  if (request) return request.call(tile)
  // The iPhone shows nothing but a video full screen, and only one that has a picture.
  if (video.readyState > 0) video.webkitEnterFullscreen()
}

export const isPictureInPicture = (video) =>
  document.pictureInPictureElement === video || video.webkitPresentationMode === 'picture-in-picture'

export const canPictureInPicture = (video) =>
  document.pictureInPictureEnabled || Boolean(video.webkitSupportsPresentationMode?.('picture-in-picture'))

export async function togglePictureInPicture(video) {
  if (document.pictureInPictureEnabled) {
    if (isPictureInPicture(video)) await document.exitPictureInPicture()
    else if (video.readyState > 0) await video.requestPictureInPicture()
  } else if (video.webkitSetPresentationMode) {
    video.webkitSetPresentationMode(isPictureInPicture(video) ? 'inline' : 'picture-in-picture')
  }
}
