// @ts-check
/** Full screen and picture-in-picture, by the standard and by WebKit's names. */

import { rootOf } from './dom.js'

const fullscreenElement = () => document.fullscreenElement ?? document.webkitFullscreenElement ?? null

/** @param {HTMLElement} tile */
export const isFullscreen = (tile) => (rootOf(tile).fullscreenElement ?? fullscreenElement()) === tile

/** @param {HTMLElement} tile @param {HTMLVideoElement} video */
export const canFullscreen = (tile, video) =>
  Boolean(tile.requestFullscreen ?? tile.webkitRequestFullscreen ?? video.webkitEnterFullscreen)

/**
 * @param {HTMLElement} tile
 * @param {HTMLVideoElement} video
 * @returns {Promise<void> | undefined} older WebKit returns nothing
 */
export function toggleFullscreen(tile, video) {
  if (fullscreenElement()) return (document.exitFullscreen ?? document.webkitExitFullscreen).call(document)
  const request = tile.requestFullscreen ?? tile.webkitRequestFullscreen
  if (request) return request.call(tile)
  // The iPhone shows only a video in full screen, and only one that has a frame.
  if (video.readyState > 0) video.webkitEnterFullscreen?.()
  return undefined
}

/** @param {HTMLVideoElement} video */
export const isPictureInPicture = (video) =>
  rootOf(video).pictureInPictureElement === video || video.webkitPresentationMode === 'picture-in-picture'

/** @param {HTMLVideoElement} video */
export const canPictureInPicture = (video) =>
  document.pictureInPictureEnabled || Boolean(video.webkitSupportsPresentationMode?.('picture-in-picture'))

/** @param {HTMLVideoElement} video */
export async function togglePictureInPicture(video) {
  if (document.pictureInPictureEnabled) {
    if (isPictureInPicture(video)) await document.exitPictureInPicture()
    else if (video.readyState > 0) await video.requestPictureInPicture()
  } else if (video.webkitSetPresentationMode) {
    video.webkitSetPresentationMode(isPictureInPicture(video) ? 'inline' : 'picture-in-picture')
  }
}
