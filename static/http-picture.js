// @ts-check
/** What a tile shows while WebRTC cannot connect: MP4 by Media Source Extensions, or JPEGs (MJPEG). Above the video of WebRTC. */

import { canPlayMp4, MsePlayer } from './mse-player.js'

/** A camera that delivers sends a keyframe within a second or two. */
const firstFrameMs = 5000

/**
 * @typedef {{ width: number, height: number, frames: number | undefined, bytes: number | undefined, atMs: number }} Reading
 *
 * @typedef {object} PictureOptions
 * @property {Element} after where it is in the tile
 * @property {string} codec of the camera
 * @property {string} mjpegUrl
 * @property {boolean} isCrossOrigin whether the JPEGs are of another origin than the page
 * @property {(on: import('./http-media.js').MediaEvents) => { close: () => void }} openMedia
 * @property {() => boolean} isCameraLive
 *
 * @typedef {object} PictureEvents
 * @property {() => void} frame a frame was displayed
 * @property {() => void} failed neither way shows anything
 */

export class HttpPicture {
  /** @type {HTMLVideoElement | HTMLImageElement} */
  element
  /** Whether every frame is reported; of MJPEG only the first one is. */
  reportsFrames = true
  #options
  #on
  /** @type {MsePlayer | null} */
  #player = null
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #deadline
  #stopped = false

  /** @param {PictureOptions} options @param {PictureEvents} on */
  constructor(options, on) {
    this.#options = options
    this.#on = on
    this.element = options.codec === 'h264' && canPlayMp4() ? this.#playMp4() : this.#showJpegs()
  }

  stop() {
    this.#stopped = true
    this.#remove()
  }

  #remove() {
    clearTimeout(this.#deadline)
    this.#player?.close()
    this.#player = null
    this.element.removeAttribute('src') // stops a download in progress
    this.element.remove()
  }

  /** As in WebRTC's statistics. */
  get mimeType() {
    return this.element instanceof HTMLVideoElement ? 'video/H264' : 'video/JPEG'
  }

  /** @returns {Reading} counters, undefined where the browser has none */
  read() {
    const { element } = this
    const size =
      element instanceof HTMLVideoElement
        ? { width: element.videoWidth, height: element.videoHeight }
        : { width: element.naturalWidth, height: element.naturalHeight }
    const frames =
      element instanceof HTMLVideoElement ? element.getVideoPlaybackQuality?.().totalVideoFrames : undefined
    return { ...size, frames, bytes: this.#player?.bytes, atMs: performance.now() }
  }

  #playMp4() {
    const video = document.createElement('video')
    video.className = 'http-picture'
    video.muted = video.autoplay = video.playsInline = true
    video.tabIndex = -1
    this.#options.after.after(video)
    this.#player = new MsePlayer(video, this.#options.openMedia, {
      frame: () => this.#onFrame(),
      failed: (message) => this.#replaceByJpegs(message),
    })
    this.#awaitFirstFrame()
    return video
  }

  #awaitFirstFrame() {
    this.#deadline = setTimeout(() => {
      if (this.#options.isCameraLive()) this.#replaceByJpegs('no frame arrived')
      else this.#awaitFirstFrame()
    }, firstFrameMs)
  }

  /** @param {string} message */
  #replaceByJpegs(message) {
    console.warn(`video over HTTP failed, showing JPEGs instead: ${message}`)
    this.#remove()
    this.element = this.#showJpegs()
  }

  #showJpegs() {
    this.reportsFrames = false
    const { after, mjpegUrl, isCrossOrigin } = this.#options
    const image = document.createElement('img')
    image.className = 'http-picture'
    image.alt = '' // the tile is labelled
    image.addEventListener('load', () => this.#onFrame())
    image.addEventListener('error', () => this.#stopped || this.#on.failed())
    if (isCrossOrigin) image.crossOrigin = 'anonymous' // otherwise no picture can be saved
    image.src = mjpegUrl
    after.after(image)
    return image
  }

  #onFrame() {
    clearTimeout(this.#deadline)
    if (!this.#stopped) this.#on.frame()
  }
}
