// @ts-check
/** The video element of a tile: plays tracks, reports frames to the Connection, keeps the last frame between sessions. */

export class TileVideo {
  /** Whether the browser plays the video only after a tap. */
  needsTap = false
  #video
  #lastFrame
  #connection
  #changed
  /** @type {number | undefined} */
  #frameCallback

  /**
   * @param {{ video: HTMLVideoElement, lastFrame: HTMLCanvasElement }} parts
   * @param {import('./connection.js').Connection} connection
   * @param {() => void} changed called after a change of needsTap
   */
  constructor({ video, lastFrame }, connection, changed) {
    this.#video = video
    this.#lastFrame = lastFrame
    this.#connection = connection
    this.#changed = changed
    video.muted = true // WebKit ignores the attribute of a cloned video
    video.addEventListener('loadeddata', () => sizeOf(video).width > 0 && connection.frameShown())
    video.addEventListener('webkitendfullscreen', () => this.play()) // the iPhone pauses on leaving full screen
  }

  /**
   * A video without a frame delays the load event of the page, so a camera that is not live waits for that event.
   * @param {MediaStreamTrack} track
   * @param {MediaStreamTrack} [audio] of a camera with sound
   */
  showWhenUseful(track, audio) {
    const show = () => this.#show(track, audio)
    if (document.readyState === 'complete' || this.#connection.camera?.state === 'live') show()
    else window.addEventListener('load', () => track.readyState === 'live' && show(), { once: true })
  }

  /** @param {MediaStreamTrack} track @param {MediaStreamTrack} [audio] */
  #show(track, audio) {
    const video = this.#video
    const stream = video.srcObject
    const isShown = stream instanceof MediaStream && stream.getVideoTracks()[0] === track
    if (!isShown) video.srcObject = new MediaStream(audio ? [track, audio] : [track])
    else if (audio && stream.getAudioTracks().length === 0) stream.addTrack(audio) // boot.js shows the picture alone
    if (isShown && sizeOf(video).width > 0) this.#connection.frameShown()
    else this.awaitFrame()
    void this.play()
  }

  async play() {
    const video = this.#video
    if (video.srcObject && (video.paused || this.needsTap)) await this.#start()
  }

  /** A browser that refuses sound stops the video: then it plays on without. @param {boolean} muted */
  async setMuted(muted) {
    this.#video.muted = muted
    if (!muted && this.#video.srcObject) await this.#start()
  }

  /** @returns {Promise<void>} */
  async #start() {
    const video = this.#video
    try {
      await video.play()
      this.needsTap = false
    } catch (error) {
      const isRefused = error instanceof Error && error.name === 'NotAllowedError'
      if (isRefused && !video.muted) {
        video.muted = true
        return await this.#start()
      }
      // iOS in low power mode requires a tap even for a muted video. Other errors come from a replaced stream.
      if (isRefused) this.needsTap = true
    }
    this.#changed()
  }

  /** Reports the next frame that is displayed, until the tile is live. Without this API the count of decoded frames serves. */
  awaitFrame() {
    if (!this.#video.requestVideoFrameCallback) return
    this.#cancelFrameCallback()
    this.#frameCallback = this.#video.requestVideoFrameCallback(() => {
      if (sizeOf(this.#video).width > 0) this.#connection.frameShown()
      if (this.#connection.state !== 'live') this.awaitFrame()
    })
  }

  /**
   * The video is empty between two sessions; the canvas shows the last frame meanwhile.
   * @param {HTMLVideoElement | HTMLImageElement} [shown] in place of the video of WebRTC
   */
  keepLastFrame(shown = this.#video) {
    const canvas = this.#lastFrame
    this.#cancelFrameCallback()
    const source = [shown, this.#video].find((element) => sizeOf(element).width > 0)
    if (!source || canvas.width > 0) return
    const { width, height } = sizeOf(source)
    canvas.width = width
    canvas.height = height
    canvas.getContext('2d')?.drawImage(source, 0, 0)
  }

  clearLastFrame() {
    this.#lastFrame.width = this.#lastFrame.height = 0
  }

  #cancelFrameCallback() {
    if (this.#frameCallback !== undefined) this.#video.cancelVideoFrameCallback(this.#frameCallback)
  }
}

/** Chromium gives the track of a failed connection a black frame of 2x2; no camera is smaller than this. */
export const leastPixels = 16

/** Zero without a frame. @param {HTMLVideoElement | HTMLImageElement} element */
function sizeOf(element) {
  if (element instanceof HTMLImageElement)
    return { width: element.naturalWidth, height: element.naturalHeight }
  const hasFrame =
    element.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && element.videoWidth >= leastPixels
  return { width: hasFrame ? element.videoWidth : 0, height: element.videoHeight }
}
