/** Keeps one camera connected: sessions come and go, the state follows the table. Knows nothing of the page's elements. */

import { backoffMs, fullRetryMs } from './backoff.js'
import { openSession } from './session.js'
import { next } from './tile-state.js'
import { between, readVideoStats } from './webrtc-stats.js'

const tickMs = 500
const stallMs = 2200
/** Connected, nothing said of a lost camera, and yet no picture: the path is dead although nobody noticed. */
const giveUpMs = 8000
/** The same for a page that was just woken: its connection is more likely dead than slow. */
const wakeMs = 3000
/** Frames that were under way when the camera was lost are not its return. */
const stragglersMs = 1000
/** A connection that held this long starts its back-off afresh. */
const settledMs = 3000

/** What trying again by itself would not mend. */
const isFinal = ({ code }) => ['no-common-codec', 'camera-removed', 'removed'].includes(code)

export class Connection {
  state = 'connecting'
  camera = null
  error = null
  figures = null
  /** {congested, estimateBps} as the server has it; null while it has said nothing. */
  link = null
  maxViewers = 0
  fps = 0
  /** False when nobody can see the picture; browsers may then stop decoding, so its silence means nothing. */
  watched = true

  #url
  #iceServers
  #on
  #session = null
  #failures = 0
  #retry
  #retryAtMs = 0
  #ticker
  #ticks = 0
  #lastFrameMs = 0
  #liveSinceMs = 0
  #lostAtMs = -Infinity
  #patienceMs = giveUpMs
  #framesDecoded = 0
  #stats = null

  /**
   * `on` hears changed(), track(track), time(exchange), cameraRestarted(), second() once a second while connected, with new
   * figures, and ending() before the stream of a session goes away.
   */
  constructor(url, iceServers, on) {
    this.#url = url
    this.#iceServers = iceServers
    this.#on = on
  }

  get peer() {
    return this.#session?.peer ?? null
  }

  /** The answer comes as time(exchange). */
  askTime() {
    this.#session?.askTime()
  }

  get attempt() {
    return this.#failures
  }

  get retryInMs() {
    return this.#retryAtMs ? Math.max(0, this.#retryAtMs - performance.now()) : 0
  }

  play() {
    this.#failures = 0
    this.#happen('play')
    this.retryNow()
  }

  pause() {
    this.#end()
    this.#happen('pause')
  }

  /** The page goes away or into the back-forward cache: the slot is given back at once, and taken again by retryNow(). */
  suspend() {
    this.#end()
    this.#happen('dropped')
  }

  /** Starts the next session without waiting, unless there is one or none is wanted. */
  retryNow() {
    if (this.#session || this.state === 'paused' || this.state === 'unsupported') return
    clearTimeout(this.#retry)
    this.#retryAtMs = 0
    if (!window.RTCPeerConnection) return this.#refuse({ code: 'no-webrtc' })
    this.#ticker ??= setInterval(() => this.#tick(), tickMs)
    this.#open()
  }

  /** A frame of the present session reached the screen. */
  sawFrame() {
    if (!this.#session) return
    const nowMs = performance.now()
    this.#lastFrameMs = nowMs
    this.#patienceMs = giveUpMs
    if (this.state === 'live' || nowMs - this.#lostAtMs < stragglersMs) return
    this.#liveSinceMs = nowMs
    this.error = null
    this.#happen('frame')
  }

  /** The page was hidden or the network away: what comes within a moment is believed, the rest is connected anew. */
  lookAgain() {
    this.watched = true
    this.#patienceMs = wakeMs
    this.#allowForFrames()
  }

  /** Silence is counted from now, where it was counted at all. */
  #allowForFrames() {
    if (this.#lastFrameMs > 0) this.#lastFrameMs = performance.now()
  }

  #open() {
    this.camera = null
    this.link = null
    this.#lostAtMs = -Infinity
    this.#patienceMs = giveUpMs
    this.#framesDecoded = 0
    this.#ticks = 0
    this.#stats = null
    this.#lastFrameMs = 0
    this.#session = openSession(this.#url, this.#iceServers, {
      track: (track) => this.#on.track(track),
      camera: (camera) => this.#cameraSays(camera),
      viewer: (link) => {
        this.link = link
        this.#on.changed()
      },
      time: (exchange) => this.#on.time(exchange),
      answered: () => {
        this.#happen('answered')
        if (this.camera?.state === 'lost') this.#happen('cameraLost')
      },
      connected: () => {
        if (this.#lastFrameMs === 0) this.#lastFrameMs = performance.now()
      },
      ended: (error) => this.#ended(error),
    })
  }

  #cameraSays(camera) {
    if (camera.state === 'live' && this.camera && this.camera.state !== 'live') this.#on.cameraRestarted()
    // The cause stays to be read while the camera is being started again.
    this.camera = camera.state === 'starting' ? { ...this.camera, ...camera } : camera
    if (camera.state === 'lost') {
      this.#lostAtMs = performance.now()
      this.#happen('cameraLost')
    } else if (camera.state === 'live') {
      this.#lostAtMs = -Infinity
      this.#allowForFrames()
      this.#happen('cameraLive')
    } else {
      this.#on.changed()
    }
  }

  #ended(error) {
    this.#end()
    if (isFinal(error)) return this.#refuse(error)
    this.error = error
    if (error.code === 'camera-full') return this.#retryIn(fullRetryMs(), 'full')
    if (this.#liveSinceMs && performance.now() - this.#liveSinceMs > settledMs) this.#failures = 0
    this.#liveSinceMs = 0
    this.#retryIn(backoffMs(this.#failures++), error.code === 'no-video' ? 'cameraLost' : 'dropped')
  }

  #retryIn(delayMs, event) {
    this.#retryAtMs = performance.now() + delayMs
    this.#retry = setTimeout(() => this.retryNow(), delayMs)
    this.#ticker ??= setInterval(() => this.#tick(), tickMs)
    this.#happen(event)
  }

  #refuse(error) {
    this.error = error
    this.#happen('refused')
  }

  #end() {
    clearTimeout(this.#retry)
    clearInterval(this.#ticker)
    this.#retryAtMs = 0
    this.#ticker = undefined
    this.figures = null
    if (!this.#session) return
    this.#on.ending()
    this.#session.close()
    this.#session = null
  }

  #happen(event) {
    this.state = next(this.state, event)
    this.#on.changed()
  }

  async #tick() {
    this.#on.changed()
    const session = this.#session
    if (session?.peer.connectionState !== 'connected') return this.#watchForSilence()
    const stats = await readVideoStats(session.peer).catch(() => null)
    if (this.#session !== session) return
    if (stats && stats.framesDecoded > this.#framesDecoded) {
      this.#framesDecoded = stats.framesDecoded
      this.sawFrame()
    }
    if (this.#ticks++ % 2 === 0) {
      this.figures = stats && { ...stats, ...between(this.#stats, stats) }
      this.#stats = stats
      this.#on.second()
      this.#on.changed()
    }
    this.#watchForSilence()
  }

  #watchForSilence() {
    if (!this.#session || !this.watched || this.#lastFrameMs === 0) return
    const silentMs = performance.now() - this.#lastFrameMs
    const threeFramesMs = this.fps > 0 ? 3000 / this.fps : 0
    if (silentMs > Math.max(stallMs, threeFramesMs)) this.#happen('stalled')
    const excused = this.camera?.state === 'lost' || this.camera?.state === 'starting'
    if (!excused && silentMs > this.#patienceMs + threeFramesMs) {
      this.#ended({ code: 'no-picture', message: 'No picture arrived' })
    }
  }
}
