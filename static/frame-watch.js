// @ts-check
/** Decides from the time of the last frame whether a video is stalled or its connection dead. Pure: the time is an argument. */

const stallMs = 2200
/** Connected and no lost camera reported, but no frame for this long: the path is dead. */
const deadMs = 8000
/** The same after the page was hidden or offline: its connection is more likely dead than slow. */
const deadAfterResumeMs = 3000
/** Frames already on their way when the camera was lost do not mean that it is back. */
const lateFramesMs = 1000

export class FrameWatch {
  /** Zero until silence counts. */
  #lastFrameMs = 0
  #cameraLostMs = -Infinity
  #deadMs = deadMs

  /** Silence counts from here, unless a frame came first. @param {number} nowMs */
  connected(nowMs) {
    if (this.#lastFrameMs === 0) this.#lastFrameMs = nowMs
  }

  /** @param {number} nowMs @returns {boolean} whether the frame means that the camera is live */
  frame(nowMs) {
    this.#lastFrameMs = nowMs
    this.#deadMs = deadMs
    return nowMs - this.#cameraLostMs >= lateFramesMs
  }

  /** @param {number} nowMs */
  cameraLost(nowMs) {
    this.#cameraLostMs = nowMs
  }

  /** @param {number} nowMs */
  cameraLive(nowMs) {
    this.#cameraLostMs = -Infinity
    this.#restart(nowMs)
  }

  /** @param {number} nowMs */
  resume(nowMs) {
    this.#deadMs = deadAfterResumeMs
    this.#restart(nowMs)
  }

  /** @param {number} nowMs */
  #restart(nowMs) {
    if (this.#lastFrameMs > 0) this.#lastFrameMs = nowMs
  }

  /**
   * @param {number} nowMs
   * @param {{ fps: number, cameraDelivers: boolean }} camera fps: zero where unknown
   * @returns {'ok' | 'stalled' | 'dead'}
   */
  check(nowMs, { fps, cameraDelivers }) {
    if (this.#lastFrameMs === 0) return 'ok'
    const silentMs = nowMs - this.#lastFrameMs
    const threeFramesMs = fps > 0 ? 3000 / fps : 0
    if (cameraDelivers && silentMs > this.#deadMs + threeFramesMs) return 'dead'
    return silentMs > Math.max(stallMs, threeFramesMs) ? 'stalled' : 'ok'
  }
}
