// @ts-check
/** Keeps one camera connected: opens session after session and drives the tile's state. Knows no elements of the page. */

import { ConnectionStatus } from './connection-status.js'
import { isFinal, RetryTimer } from './retry-timer.js'
import { noPicture, openSession } from './session.js'
import { SessionMonitor } from './session-monitor.js'
import { eventOf, next, waitsForUser } from './tile-state.js'

/** @typedef {import('./session.js').SessionError} SessionError */

export class Connection extends ConnectionStatus {
  #settings
  #context
  #on
  /** @type {ReturnType<typeof openSession> | null} */
  #session = null
  /** Before a session, where the context has something to prepare. @type {AbortController | null} */
  #preparing = null
  #prepared = {
    ready: (/** @type {import('./tile-context.js').Prepared} */ settings) => {
      this.#preparing = null
      this.#settings = settings
      this.#on.settings(settings.camera)
      this.#open()
    },
    failed: (/** @type {SessionError} */ error) => this.#onEnded(error),
  }
  #isSlow = false
  /** @type {import('../src/signalling/quality.js').Quality} */
  #quality = 'auto'
  #isSoundOn = false
  #retry = new RetryTimer(() => this.retryNow())
  #monitor = new SessionMonitor(() => (this.#session && this.visible ? this.expected : null), {
    tick: () => this.#on.changed(),
    frame: () => this.frameShown(),
    second: (stats) => this.#onSecond(stats),
    stalled: ({ overHttp }) => this.#onStalled(overHttp),
    dead: ({ overHttp }) => this.#onDead(overHttp),
  })

  /**
   * @param {import('./tile-context.js').Prepared} settings
   * @param {import('./tile-context.js').TileContext} context
   * @param {import('./connection-events.js').ConnectionEvents} on
   */
  constructor(settings, context, on) {
    super()
    this.#settings = settings
    this.#context = context
    this.#on = on
  }

  get peer() {
    return this.#session?.peer ?? null
  }

  /** Whether the tile shows the camera over HTTP, or is about to. */
  get overHttp() {
    return this.#monitor.http.isOn
  }

  get attempt() {
    return this.#retry.failures
  }

  get retryInMs() {
    return this.#retry.inMs
  }

  /** The size of the camera for this session and the next ones. @param {import('../src/signalling/quality.js').Quality} quality */
  askFor(quality) {
    if (quality === this.#quality) return
    this.#quality = quality
    this.#session?.askFor(quality)
  }

  /** Whether the sound is heard, in this session and the next ones: then the picture waits for it. @param {boolean} isOn */
  playSound(isOn) {
    if (isOn === this.#isSoundOn) return
    this.#isSoundOn = isOn
    this.#session?.playSound(isOn)
  }

  requestTime() {
    this.#session?.requestTime()
  }

  play() {
    this.#retry.failures = 0
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
    if (this.#session || this.#preparing || waitsForUser(this.state)) return
    this.#retry.stop()
    if (!window.RTCPeerConnection) return this.#giveUp({ code: 'no-webrtc', message: '' })
    this.#monitor.start()
    if (this.#context.prepare) this.#preparing = this.#context.prepare(this.#prepared)
    else this.#open()
  }

  /** Opens another session, for what the current one does not have. @param {import('./tile-context.js').TileCamera} camera */
  renew(camera) {
    this.#settings = { ...this.#settings, camera }
    if (!this.#session) return
    this.#close()
    this.retryNow()
  }

  /** A frame of the current session was displayed. */
  frameShown() {
    if (!this.#session) return
    // Chromium shows a black frame for a track whose peer connection was closed.
    if (this.overHttp && this.peer?.connectionState !== 'connected') return
    const nowMs = performance.now()
    const isLive = this.#monitor.frame(nowMs)
    this.failure = null
    this.#endFallback()
    if (isLive) this.#onFrame(nowMs)
  }

  /** A frame over HTTP was displayed. @param {boolean} reportsFrames whether every frame is reported */
  httpFrameShown(reportsFrames) {
    if (!this.#session || !this.overHttp) return
    const nowMs = performance.now()
    if (this.#monitor.http.frame(nowMs, reportsFrames)) this.#onFrame(nowMs)
  }

  /** Once a second while the camera is shown over HTTP. @param {import('./stats-poller.js').CurrentStats} stats */
  httpSecond(stats) {
    if (this.overHttp) this.#onSecond(stats)
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
    this.#retry.live(nowMs)
    this.error = null
    this.#transition('frame')
  }

  /** A camera that is not live has nothing to show over HTTP either. */
  #onSlow() {
    this.#isSlow = this.camera?.state !== 'live'
    if (!this.#isSlow) this.#startFallback()
  }

  #startFallback() {
    if (!this.#session || this.overHttp) return
    this.#monitor.http.start()
    this.#session.keepSocket(true)
    this.#on.fallback()
  }

  #endFallback() {
    if (!this.overHttp) return
    this.#monitor.http.stop()
    this.stats = null
    this.#session?.keepSocket(false)
    this.#on.fallbackOver()
    this.#on.changed()
  }

  /** The page was hidden or offline: reconnects unless frames come soon. */
  resume() {
    this.visible = true
    this.#monitor.resume()
  }

  #open() {
    this.#isSlow = false
    this.forgetSession()
    const { camera, iceServers } = this.#settings
    this.#session = openSession(this.#context.socketUrl(camera), iceServers, camera.audio, this.#context, {
      track: (video, audio) => this.#on.track(video, audio),
      camera: (state) => this.#onCamera(state),
      viewer: (viewerStatus) => this.#change({ viewerStatus }),
      // Credentials of TURN servers expire.
      iceServers: (servers) => (this.#settings = { ...this.#settings, iceServers: servers }),
      time: (exchange) => this.#on.time(exchange),
      connectFailure: (failure) => this.#change({ failure }),
      answered: () => {
        if (this.#quality !== 'auto') this.#session?.askFor(this.#quality) // before the first packet
        if (this.#isSoundOn) this.#session?.playSound(true)
        this.#transition('answered')
        if (this.camera?.state === 'lost') this.#transition('cameraLost')
      },
      connected: () => {
        this.#monitor.connected()
        if (this.failure?.cause !== 'small-mtu') this.failure = null
      },
      slow: (refusal) => {
        this.refusal = refusal ?? null
        this.#onSlow()
      },
      peerReplaced: () => this.peer && this.#monitor.follow(this.peer),
      ended: (error) => this.#onEnded(error),
    })
    this.#monitor.follow(this.#session.peer)
  }

  /** @param {import('../src/signalling/websocket-messages.js').CameraState} camera */
  #onCamera(camera) {
    if (this.cameraReported(camera)) this.#on.cameraRestarted()
    if (camera.state === 'lost') {
      this.#monitor.cameraLost()
      this.#transition('cameraLost')
    } else if (camera.state === 'live') {
      const isShown = this.#monitor.cameraLive()
      this.#transition('cameraLive')
      if (isShown && this.state === 'waiting') this.httpFrameShown(false)
      if (this.#isSlow && this.peer?.connectionState !== 'connected') this.#onSlow()
    } else {
      this.#on.changed()
    }
  }

  /** @param {SessionError} error */
  #onEnded(error) {
    this.#close()
    if (isFinal(error)) return this.#giveUp(error)
    if (error.code === 'replaced') this.#context.renewTab()
    if (error.code === 'closed') this.#onClosed(error)
    else this.error = error
    this.#retry.after(error)
    this.#monitor.start()
    this.#transition(eventOf(error.code))
  }

  /** The server is away, or it rejects this page. @param {SessionError} error */
  #onClosed(error) {
    this.failure = null
    if (this.error?.code !== 'signed-out') this.error = error
    this.#context.whyClosed?.().then((reason) => {
      if (!this.error || !['closed', 'signed-out'].includes(this.error.code)) return
      this.#change({ error: reason ?? error })
    })
  }

  /** @param {SessionError} error */
  #giveUp(error) {
    this.error = error
    this.#transition('refused')
  }

  #close() {
    this.#retry.stop()
    this.#preparing?.abort()
    this.#preparing = null
    this.stats = null
    if (this.#session) this.#on.ending()
    this.#monitor.stop()
    this.#session?.close()
    this.#session = null
  }

  /** @param {Partial<ConnectionStatus>} status */
  #change(status) {
    Object.assign(this, status)
    this.#on.changed()
  }

  /** @param {import('./tile-state.js').TileEvent} event */
  #transition(event) {
    this.#change({ state: next(this.state, event) })
  }

  /** @param {import('./stats-poller.js').CurrentStats | null} stats */
  #onSecond(stats) {
    this.stats = stats
    this.#on.second()
    this.#on.changed()
  }

  /** A path that carries nothing any more is noticed long before the browser gives it up. @param {boolean} overHttp */
  #onStalled(overHttp) {
    if (!this.#session || (this.overHttp && !overHttp)) return
    this.#transition('stalled')
    if (!overHttp && this.#isHttpBetter()) this.#startFallback()
  }

  /** A second video would make a slow path slower. One that loses the large packets looks slow too, and shows nothing without it. */
  #isHttpBetter() {
    const isSlowPath = this.viewerStatus?.congested && this.failure?.cause !== 'small-mtu'
    return this.camera?.state === 'live' && !isSlowPath
  }

  /** @param {boolean} overHttp */
  #onDead(overHttp) {
    if (this.overHttp && !overHttp) this.#session?.failPeer()
    else if (this.#session) this.#onEnded(noPicture)
  }
}
