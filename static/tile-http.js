// @ts-check
/** The picture of a tile while WebRTC does not connect, and its statistics. */

import { HttpPicture } from './http-picture.js'
import { HttpStats } from './http-stats.js'

export class TileHttp {
  #connection
  #context
  #after
  #onSize
  /** @type {HttpPicture | null} */
  #picture = null
  /** @type {HttpStats | null} */
  #stats = null

  /**
   * @param {import('./connection.js').Connection} connection
   * @param {import('./tile-context.js').TileContext} context
   * @param {Element} after where it is in the tile
   * @param {(width: number, height: number) => void} onSize
   */
  constructor(connection, context, after, onSize) {
    this.#connection = connection
    this.#context = context
    this.#after = after
    this.#onSize = onSize
  }

  /** Undefined while the tile shows WebRTC. */
  get element() {
    return this.#picture?.element
  }

  /** Above the video of WebRTC, which is shown when it has a frame. @param {import('./tile-context.js').TileCamera} camera */
  show(camera) {
    const connection = this.#connection
    const options = {
      after: this.#after,
      codec: camera.codec,
      mjpegUrl: this.#context.mjpegUrl(camera),
      isCrossOrigin: this.#context.isCrossOrigin,
      openMedia: (/** @type {import('./http-media.js').MediaEvents} */ on) => connection.openMedia(on),
      isCameraLive: () => connection.camera?.state === 'live',
    }
    const picture = new HttpPicture(options, {
      frame: () => this.#onFrame(picture),
      failed: () => connection.httpFailed(),
    })
    this.#picture = picture
    this.#stats = new HttpStats(picture, (stats) => connection.httpSecond(stats))
  }

  hide() {
    this.#stats?.stop()
    this.#picture?.stop()
    this.#picture = this.#stats = null
  }

  /** @param {HttpPicture} picture */
  #onFrame(picture) {
    if (picture !== this.#picture) return
    const { width, height } = picture.read()
    this.#onSize(width, height)
    this.#connection.httpFrameShown(picture.reportsFrames)
  }
}
