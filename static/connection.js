// @ts-check
/** Keeps one camera connected: opens session after session and drives the tile's state. Knows no elements of the page. */

import { backoffMs, fullRetryMs } from './backoff.js'
import { FrameWatch } from './frame-watch.js'
import { HttpState } from './http-state.js'
import { openSession } from './session.js'
import { isSignedOut } from './signed-out.js'
import { StatsPoller } from './stats-poller.js'
import { next } from './tile-state.js'

const tickMs = 500
/** A connection that was live for this long resets the back-off. */
const settledMs = 3000
/** States that only play() ends. */
const waitsForUser = ['paused', 'unwatched', 'unsupported']
/** Errors that a retry would not solve. */
const finalErrors = ['no-common-codec', 'camera-removed', 'removed']

/**
 * @typedef {import('../src/signalling/websocket-messages.js').CameraState} CameraState
 * @typedef {import('../src/signalling/websocket-messages.js').ViewerStatus} ViewerStatus
 * @typedef {import('./session.js').SessionError} SessionError
 *
 * @typedef {object} ConnectionEvents
 * @property {() => void} changed something that a tile shows
 * @property {(track: MediaStreamTrack) => void} track
 * @property {(exchange: import('./latency.js').Exchange) => void} time the answer to requestTime()
 * @property {() => void} cameraRestarted
 * @property {() => void} second once a second while connected, with new stats
 * @property {() => void} ending before the stream of a session goes away
 * @property {() => void} fallback WebRTC does not connect: show the camera over HTTP
 * @property {() => void} fallbackOver WebRTC plays
 */

export class Connection {
  /** @type {import('./tile-state.js').TileState} */
  state = 'connecting'
  /** @type {CameraState | null} */
  camera = null
  /** @type {SessionError | null} */
  error = null
  /** @type {import('./stats-poller.js').CurrentStats | null} */
  stats = null
  /** Why WebRTC is not tried any more, although the camera is shown over HTTP. @type {SessionError | null} */
  refusal = null
  /** Why WebRTC does not connect, until it does. @type {import('../src/signalling/websocket-messages.js').ConnectFailure | null} */
  failure = null
  /** @type {ViewerStatus | null} as the server reports it */
  viewerStatus = null
  maxViewers = 0
  fps = 0
  /** Browsers may stop decoding an invisible video, so that its silence means nothing. */
  visible = true

  #url
  #iceServers
  #on
  /** @type {ReturnType<typeof openSession> | null} */
  #session = null
  #http = new HttpState()
  #isSlow = false
  #frames = new FrameWatch()
  /** @type {StatsPoller | null} */
  #poller = null
  #failures = 0
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retry
  #retryAtMs = 0
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #ticker
  #liveSinceMs = 0

  /** @param {string} url @param {RTCIceServer[]} iceServers @param {ConnectionEvents} on */
  constructor(url, iceServers, on) {
    this.#url = url
    this.#iceServers = iceServers
    this.#on = on
  }

  get peer() {
    return this.#session?.peer ?? null
  }

  /** Whether the tile shows the camera over HTTP, or is about to. */
  get overHttp() {
    return this.#http.isOn
  }

  get attempt() {
    return this.#failures
  }

  get retryInMs() {
    return this.#retryAtMs ? Math.max(0, this.#retryAtMs - performance.now()) : 0
  }

  requestTime() {
    this.#session?.requestTime()
  }

  play() {
    this.#failures = 0
    this.#transition('play')
    this.retryNow()
  }

  pause() {
    this.#close()
    this.#transition('pause')
  }

  /** Nobody sees the tile. Releases the viewer slot until play(). */
  stopUnseen() {
    if (this.state === 'paused' || this.state === 'unsupported') return
    this.#close()
    this.#transition('unseen')
  }

  /** The page is closed or loaded again. Releases the viewer slot at once or in some seconds; retryNow() connects again. */
  leave() {
    this.#session?.leavePage() // before the tile stops the video over HTTP, whose slot is kept too
    this.#close()
    this.#transition('dropped')
  }

  /** Opens the next session without waiting, unless there is one or none is wanted. */
  retryNow() {
    this.#session?.retryNow()
    if (this.#session || waitsForUser.includes(this.state)) return
    clearTimeout(this.#retry)
    this.#retryAtMs = 0
    if (!window.RTCPeerConnection) return this.#giveUp({ code: 'no-webrtc', message: '' })
    this.#startTicker()
    this.#open()
  }

  /** A frame of the current session was displayed. */
  frameShown() {
    if (!this.#session) return
    // Chromium shows a black frame for a track whose peer connection was closed.
    if (this.#http.isOn && this.peer?.connectionState !== 'connected') return
    const nowMs = performance.now()
    const isLive = this.#frames.frame(nowMs)
    this.failure = null
    this.#endFallback()
    if (isLive) this.#onFrame(nowMs)
  }

  /** A frame over HTTP was displayed. @param {boolean} reportsFrames whether every frame is reported */
  httpFrameShown(reportsFrames) {
    if (!this.#session || !this.#http.isOn) return
    const nowMs = performance.now()
    if (this.#http.frame(nowMs, reportsFrames)) this.#onFrame(nowMs)
  }

  /** Once a second while the camera is shown over HTTP. @param {import('./stats-poller.js').CurrentStats} stats */
  httpSecond(stats) {
    if (this.#http.isOn) this.#onSecond(stats)
  }

  /** Nothing could be shown over HTTP. */
  httpFailed() {
    const { refusal } = this
    this.#endFallback()
    if (refusal) this.#onEnded(refusal)
  }

  /** @param {import('./http-media.js').MediaEvents} events */
  openMedia(events) {
    return this.#session?.openMedia(events) ?? { close: () => {} }
  }

  /** @param {number} nowMs */
  #onFrame(nowMs) {
    if (this.state === 'live') return
    this.#liveSinceMs = nowMs
    this.error = null
    this.#transition('frame')
  }

  /** A camera that is not live has nothing to show over HTTP either. */
  #onSlow() {
    this.#isSlow = this.camera?.state !== 'live'
    if (!this.#isSlow) this.#startFallback()
  }

  #startFallback() {
    if (!this.#session || this.#http.isOn) return
    this.#http.start()
    this.#session.keepSocket(true)
    this.#on.fallback()
  }

  #endFallback() {
    if (!this.#http.isOn) return
    this.#http.stop()
    this.stats = null
    this.#session?.keepSocket(false)
    this.#on.fallbackOver()
    this.#on.changed()
  }

  /** The page was hidden or offline: reconnects unless frames come soon. */
  resume() {
    this.visible = true
    this.#frames.resume(performance.now())
  }

  #open() {
    this.#isSlow = false
    this.refusal = null
    this.camera = null
    this.viewerStatus = null
    this.#frames = new FrameWatch()
    this.#session = openSession(this.#url, this.#iceServers, {
      track: (track) => this.#on.track(track),
      camera: (camera) => this.#onCamera(camera),
      viewer: (status) => {
        this.viewerStatus = status
        this.#on.changed()
      },
      iceServers: (servers) => (this.#iceServers = servers), // credentials of TURN servers expire
      time: (exchange) => this.#on.time(exchange),
      connectFailure: (failure) => {
        this.failure = failure
        this.#on.changed()
      },
      answered: () => {
        this.#transition('answered')
        if (this.camera?.state === 'lost') this.#transition('cameraLost')
      },
      connected: () => {
        this.#frames.connected(performance.now())
        if (this.failure?.cause !== 'small-mtu') this.failure = null
      },
      slow: (refusal) => {
        this.refusal = refusal ?? null
        this.#onSlow()
      },
      peerReplaced: () => this.#onPeerReplaced(),
      ended: (error) => this.#onEnded(error),
    })
    this.#poller = new StatsPoller(this.#session.peer)
  }

  #onPeerReplaced() {
    if (!this.#session) return
    this.#frames = new FrameWatch()
    this.#poller = new StatsPoller(this.#session.peer)
  }

  /** @param {CameraState} camera */
  #onCamera(camera) {
    if (camera.state === 'live' && this.camera && this.camera.state !== 'live') this.#on.cameraRestarted()
    // Keep showing the cause while the camera restarts.
    this.camera = camera.state === 'starting' ? { ...this.camera, ...camera } : camera
    if (camera.state === 'lost') {
      this.#frames.cameraLost(performance.now())
      this.#http.cameraLost(performance.now())
      this.#transition('cameraLost')
    } else if (camera.state === 'live') {
      this.#frames.cameraLive(performance.now())
      this.#transition('cameraLive')
      if (this.#http.cameraLive(performance.now()) && this.state === 'waiting') this.httpFrameShown(false)
      if (this.#isSlow && this.peer?.connectionState !== 'connected') this.#onSlow()
    } else {
      this.#on.changed()
    }
  }

  /** @param {SessionError} error */
  #onEnded(error) {
    this.#close()
    if (finalErrors.includes(error.code)) return this.#giveUp(error)
    if (error.code === 'replaced') window.tab.renew()
    if (error.code === 'closed') this.#onClosed(error)
    else this.error = error
    if (error.code === 'camera-full') return this.#retryIn(fullRetryMs(), 'full')
    if (this.#liveSinceMs && performance.now() - this.#liveSinceMs > settledMs) this.#failures = 0
    this.#liveSinceMs = 0
    this.#retryIn(backoffMs(this.#failures++), error.code === 'no-video' ? 'cameraLost' : 'dropped')
  }

  /** The server is away, or it rejects this page. @param {SessionError} error */
  #onClosed(error) {
    this.failure = null
    if (this.error?.code !== 'signed-out') this.error = error
    isSignedOut(window.boot.root, location.search).then((isOut) => {
      if (!this.error || !['closed', 'signed-out'].includes(this.error.code)) return
      this.error = isOut ? { code: 'signed-out', message: '' } : error
      this.#on.changed()
    })
  }

  /** @param {number} delayMs @param {import('./tile-state.js').TileEvent} event */
  #retryIn(delayMs, event) {
    this.#retryAtMs = performance.now() + delayMs
    this.#retry = setTimeout(() => this.retryNow(), delayMs)
    this.#startTicker()
    this.#transition(event)
  }

  /** @param {SessionError} error */
  #giveUp(error) {
    this.error = error
    this.#transition('refused')
  }

  #close() {
    clearTimeout(this.#retry)
    clearInterval(this.#ticker)
    this.#retryAtMs = 0
    this.#ticker = undefined
    this.stats = null
    if (!this.#session) return
    this.#on.ending()
    this.#http.stop()
    this.#session.close()
    this.#session = null
  }

  /** @param {import('./tile-state.js').TileEvent} event */
  #transition(event) {
    this.state = next(this.state, event)
    this.#on.changed()
  }

  #startTicker() {
    this.#ticker ??= setInterval(() => this.#tick(), tickMs)
  }

  async #tick() {
    this.#on.changed()
    const session = this.#session
    if (session?.peer.connectionState === 'connected' && this.#poller) {
      const { hasNewFrame, current } = await this.#poller.poll()
      if (this.#session !== session) return
      if (hasNewFrame) this.frameShown()
      if (current !== undefined) this.#onSecond(current)
    }
    this.#checkFrames()
  }

  /** @param {import('./stats-poller.js').CurrentStats | null} stats */
  #onSecond(stats) {
    this.stats = stats
    this.#on.second()
    this.#on.changed()
  }

  #checkFrames() {
    if (!this.#session || !this.visible) return
    const cameraDelivers = this.camera?.state !== 'lost' && this.camera?.state !== 'starting'
    const camera = { fps: this.fps, cameraDelivers }
    const result = this.#frames.check(performance.now(), camera)
    if (this.#http.isOn) {
      if (result === 'dead') this.#session.failPeer()
      const shown = this.#http.check(performance.now(), camera)
      if (shown === 'stalled') this.#transition('stalled')
      if (shown === 'dead') this.#onEnded({ code: 'no-picture', message: 'No video arrived' })
      return
    }
    if (result === 'stalled') this.#onStalled()
    if (result === 'dead') this.#onEnded({ code: 'no-picture', message: 'No video arrived' })
  }

  /** A path that carries nothing any more is noticed long before the browser gives it up. */
  #onStalled() {
    this.#transition('stalled')
    if (this.camera?.state === 'live' && !this.viewerStatus?.congested) this.#startFallback()
  }
}
