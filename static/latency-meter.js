// @ts-check
/** Measures the latency of one video while it is shown: requests the server's time and samples displayed frames. */

import { addExchange, latencyMs, median, offsetMs } from './latency.js'

/** The time is requested every second until there is a good exchange, then rarely. */
const frequentExchanges = 4
const rarelyMs = 4000
/** Frames sampled per second: all of them for the statistics, a few for the line in the corner. */
const allFrames = 240
const someFrames = 5
const windowMs = 1000
/** Longer than the window: a camera with less than one frame per second has a latency too. */
const staleMs = 5000

/**
 * @typedef {import('./latency.js').Exchange} Exchange
 * @typedef {object} Latency
 * @property {number} ms
 * @property {boolean} approximate measured at reception instead of display
 * @property {Exchange['since']} since
 */

export class LatencyMeter {
  /** @type {Latency | null} null while unknown */
  latency = null

  #video
  #connection
  /** @type {Exchange[]} */
  #exchanges = []
  /** @type {(Exchange & { rtpTimestamp: number }) | null} the newest exchange with a timestamp */
  #reference = null
  /** @type {import('./latency.js').Frame[]} */
  #frames = []
  #approximate = false
  #requests = 0
  #requestedAtMs = 0
  #framesWanted = 0
  /** @type {number | undefined} */
  #callback

  /**
   * @param {Pick<HTMLVideoElement, 'requestVideoFrameCallback' | 'cancelVideoFrameCallback'> | {}} video
   * @param {{ readonly peer: Pick<RTCPeerConnection, 'getReceivers'> | null, requestTime(): void }} connection
   */
  constructor(video, connection) {
    this.#video = 'requestVideoFrameCallback' in video ? video : null
    this.#connection = connection
  }

  /** Once a second while the latency is shown; without calls the measurement stops. @param {boolean} everyFrame */
  tick(everyFrame) {
    const nowMs = performance.now()
    if (this.#requests < frequentExchanges || nowMs - this.#requestedAtMs > rarelyMs) {
      this.#requests++
      this.#requestedAtMs = nowMs
      this.#connection.requestTime()
    }
    this.#framesWanted = everyFrame ? allFrames : someFrames
    this.#sampleFrames()
    this.#sampleReceiver()
    this.#frames = this.#frames.filter(({ shownMs }) => nowMs - shownMs < staleMs)
    this.latency = this.#compute(nowMs)
  }

  /** @param {Exchange} exchange */
  addExchange(exchange) {
    this.#exchanges = addExchange(this.#exchanges, exchange)
    const { rtpTimestamp } = exchange
    if (rtpTimestamp !== undefined) this.#reference = { ...exchange, rtpTimestamp }
  }

  /** A restarted camera has new timestamps; the clocks stay the same. */
  cameraRestarted() {
    this.#reference = null
    this.#frames = []
    this.#requests = 0
    this.latency = null
  }

  /** For the next session, which may be with another server. */
  reset() {
    this.cameraRestarted()
    this.#exchanges = []
    if (this.#callback !== undefined) this.#video?.cancelVideoFrameCallback(this.#callback)
    this.#callback = undefined
  }

  /** @param {number} nowMs @returns {Latency | null} */
  #compute(nowMs) {
    const reference = this.#reference
    const offset = offsetMs(this.#exchanges)
    if (!reference || offset === null) return null
    const recent = this.#frames.filter(({ shownMs }) => nowMs - shownMs < windowMs)
    const frames = recent.length > 0 ? recent : this.#frames.slice(-1)
    const ms = median(
      frames.map((frame) => latencyMs(reference, offset, frame)).filter((each) => each !== null),
    )
    return ms === null || ms < 0 ? null : { ms, approximate: this.#approximate, since: reference.since }
  }

  #sampleFrames() {
    if (this.#callback !== undefined || !this.#video) return
    this.#callback = this.#video.requestVideoFrameCallback((_now, { rtpTimestamp, expectedDisplayTime }) => {
      this.#callback = undefined
      if (rtpTimestamp === undefined) return
      this.#approximate = false
      this.#frames.push({ rtpTimestamp, shownMs: expectedDisplayTime })
      if (--this.#framesWanted > 0) this.#sampleFrames()
    })
  }

  /** Browsers without timestamps of displayed frames have that of the last received one. Decoding and display are not included. */
  #sampleReceiver() {
    if (this.#frames.some(() => !this.#approximate)) return
    const source = this.#connection.peer?.getReceivers()[0]?.getSynchronizationSources?.()[0]
    if (source?.rtpTimestamp === undefined) return
    // Unix time by the specification (W3C webrtc, RTCRtpContributingSource), relative to the time origin in some browsers.
    const shownMs = source.timestamp > 1e11 ? source.timestamp - performance.timeOrigin : source.timestamp
    this.#approximate = true
    this.#frames.push({ rtpTimestamp: source.rtpTimestamp, shownMs })
  }
}
