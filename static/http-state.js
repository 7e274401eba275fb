// @ts-check
/** Whether a camera is shown over HTTP, and since when it shows nothing. Pure: the time is an argument. */

import { FrameWatch } from './frame-watch.js'

export class HttpState {
  isOn = false
  /** Whether every frame is reported. Of JPEGs only the first one is, so that later silence means nothing. */
  #reportsFrames = false
  #frames = new FrameWatch()

  start() {
    this.isOn = true
    this.#reportsFrames = false
    this.#frames = new FrameWatch()
  }

  stop() {
    this.isOn = false
  }

  /** @param {number} nowMs @param {boolean} reportsFrames @returns {boolean} whether the frame means that the camera is live */
  frame(nowMs, reportsFrames) {
    this.#reportsFrames = reportsFrames
    return this.#frames.frame(nowMs)
  }

  /** @param {number} nowMs */
  cameraLost(nowMs) {
    this.#frames.cameraLost(nowMs)
  }

  /** @param {number} nowMs @returns {boolean} whether it is shown again without a report */
  cameraLive(nowMs) {
    this.#frames.cameraLive(nowMs)
    return this.isOn && !this.#reportsFrames
  }

  /** @param {number} nowMs @param {Parameters<FrameWatch['check']>[1]} camera */
  check(nowMs, camera) {
    return this.#reportsFrames ? this.#frames.check(nowMs, camera) : 'ok'
  }
}
