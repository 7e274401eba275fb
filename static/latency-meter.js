/** Measures one video's delay while somebody reads it: asks the server for the time, notes when frames are shown. */

import { delayMs, median, offsetMs, remember } from './latency.js'

/** A new clock is asked every second until its best exchange is a good one, then seldom. */
const eagerExchanges = 4
const seldomMs = 4000
/** A second's frames where every one counts, and where a figure in the corner is all that is wanted. */
const allFrames = 240
const someFrames = 5
const windowMs = 1000
/** A picture that comes less often than every second still has a delay. */
const staleMs = 5000

export class DelayMeter {
  /** {ms, about, since}, or null while it is not known. */
  delay = null

  #video
  #connection
  #exchanges = []
  #moment = null
  #frames = []
  #about = false
  #asked = 0
  #askedAtMs = 0
  #wanted = 0
  #callback

  constructor(video, connection) {
    this.#video = video
    this.#connection = connection
  }

  /** Once a second while the delay is wanted; whoever stops calling it stops the measurement. */
  tick(everyFrame) {
    const nowMs = performance.now()
    if (this.#asked < eagerExchanges || nowMs - this.#askedAtMs > seldomMs) {
      this.#asked++
      this.#askedAtMs = nowMs
      this.#connection.askTime()
    }
    this.#wanted = everyFrame ? allFrames : someFrames
    this.#watch()
    this.#lookAtSources()
    this.#frames = this.#frames.filter(({ shownMs }) => nowMs - shownMs < staleMs)
    this.delay = this.#read(nowMs)
  }

  /** What the server answered; see latency.js. */
  heard(exchange) {
    this.#exchanges = remember(this.#exchanges, exchange)
    if (exchange.rtpTimestamp !== undefined) this.#moment = exchange
  }

  /** The camera's process was started again: its timestamps have a new beginning, the clocks are the same. */
  cameraRestarted() {
    this.#moment = null
    this.#frames = []
    this.#asked = 0
    this.delay = null
  }

  /** Another session, perhaps with another server. */
  reset() {
    this.cameraRestarted()
    this.#exchanges = []
    this.#video.cancelVideoFrameCallback?.(this.#callback)
    this.#callback = undefined
  }

  #read(nowMs) {
    if (!this.#moment) return null
    const recent = this.#frames.filter(({ shownMs }) => nowMs - shownMs < windowMs)
    const frames = recent.length > 0 ? recent : this.#frames.slice(-1)
    const offset = offsetMs(this.#exchanges)
    const delays = frames.map((frame) => delayMs(this.#moment, offset, frame)).filter((ms) => ms !== null)
    const ms = median(delays)
    return ms === null ? null : { ms, about: this.#about, since: this.#moment.since }
  }

  #watch() {
    if (this.#callback !== undefined || !this.#video.requestVideoFrameCallback) return
    this.#callback = this.#video.requestVideoFrameCallback((_now, { rtpTimestamp, expectedDisplayTime }) => {
      this.#callback = undefined
      if (rtpTimestamp === undefined) return
      this.#about = false
      this.#frames.push({ rtpTimestamp, shownMs: expectedDisplayTime })
      if (--this.#wanted > 0) this.#watch()
    })
  }

  /** Browsers that do not say which frame they show say which one they took last, and when: that leaves its way to the screen out. */
  #lookAtSources() {
    if (this.#frames.some(() => !this.#about)) return
    const source = this.#connection.peer?.getReceivers()[0]?.getSynchronizationSources?.()[0]
    if (source?.rtpTimestamp === undefined) return
    // Since 1970 by the specification (W3C webrtc, RTCRtpContributingSource), since the page's begin in some browsers.
    const sinceOrigin = source.timestamp > 1e11 ? source.timestamp - performance.timeOrigin : source.timestamp
    this.#about = true
    this.#frames.push({ rtpTimestamp: source.rtpTimestamp, shownMs: sinceOrigin })
  }
}
