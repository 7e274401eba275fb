// @ts-check
/** The statistics of a camera that is shown over HTTP, once a second, in the form of those of WebRTC. */

import { rates } from './webrtc-stats.js'

const intervalMs = 1000

export class HttpStats {
  #interval

  /**
   * @param {import('./http-picture.js').HttpPicture} picture
   * @param {(stats: import('./stats-poller.js').CurrentStats) => void} onStats
   */
  constructor(picture, onStats) {
    /** @type {import('./webrtc-stats.js').VideoStats | null} */
    let before = null
    this.#interval = setInterval(() => {
      const { frames, ...reading } = picture.read()
      const stats = { ...reading, framesDecoded: frames ?? NaN, mimeType: picture.mimeType }
      onStats({ ...stats, ...rates(before, stats) })
      before = stats
    }, intervalMs)
  }

  stop() {
    clearInterval(this.#interval)
  }
}
