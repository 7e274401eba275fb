// @ts-check
/** The content of a tile: renders the state of its Connection and handles its buttons and keys. */

import { Connection } from './connection.js'
import { labelControls } from './controls.js'
import { setSymbol, setText } from './dom.js'
import * as screen from './fullscreen.js'
import { HttpPicture } from './http-picture.js'
import { HttpStats } from './http-stats.js'
import { action, countdown, describe, isSignedOut, videoNotice } from './messages.js'
import { bindMenu } from './menu.js'
import { watchPresence } from './presence.js'
import { listenForGestures } from './tile-gestures.js'
import { markActive } from './tile-input.js'
import { addParts } from './tile-parts.js'
import { TilePicture } from './tile-picture.js'
import { leastPixels, TileVideo } from './tile-video.js'

/** @type {Partial<Record<import('./tile-state.js').TileState, string>>} */
const symbols = { lost: 'lost', full: 'full', unsupported: 'alert' }

export class TileView {
  connection
  picture
  presence
  /** @type {number | undefined} width by height of the video */
  #ratio
  #isLarge = false
  #tile
  #camera
  #parts
  #video
  #menu
  /** @type {import('./recorder.js').Recorder | null} */
  #recorder = null
  /** @type {import('./stats-overlay.js').StatsOverlay | null} */
  #overlay = null
  /** @type {HttpPicture | null} */
  #http = null
  /** @type {HttpStats | null} */
  #httpStats = null

  /**
   * @param {HTMLElement} tile
   * @param {import('./camera-tile.js').TileCamera} camera
   * @param {RTCIceServer[]} iceServers
   */
  constructor(tile, camera, iceServers) {
    this.#tile = tile
    this.#camera = camera
    this.connection = new Connection(window.boot.socketUrl(camera.ws), iceServers, {
      changed: () => this.#render(),
      track: (track) => this.#video.showWhenUseful(track),
      time: (exchange) => this.#overlay?.time(exchange),
      cameraRestarted: () => this.#overlay?.cameraRestarted(),
      second: () => this.#overlay?.second(),
      ending: () => this.#onEnding(),
      fallback: () => this.#showOverHttp(),
      fallbackOver: () => this.#hideHttp(),
    })
    this.connection.maxViewers = camera.maxViewers
    this.connection.fps = camera.fps_min // a camera with a range slows down in the dark
    this.connection.retryNow() // first: the elements are built while the network works
    this.#parts = addParts(tile)
    this.#video = new TileVideo(this.#parts, this.connection, () => this.#render())
    this.picture = new TilePicture(tile, camera.key, () => this.#onTurned())
    this.#menu = bindMenu(this.#parts.more, this.#parts.menu)
    this.#describeCamera()
    this.presence = this.#listen()
    this.#render()
  }

  /** @param {string} name */
  rename(name) {
    if (name === this.#camera.name) return
    this.#camera = { ...this.#camera, name }
    this.#describeCamera()
  }

  /** Width by height as it is shown. */
  get ratio() {
    return this.#ratio && this.picture.isSideways ? 1 / this.#ratio : this.#ratio
  }

  /** @param {boolean} isLarge */
  set isLarge(isLarge) {
    if (this.#isLarge === isLarge) return
    this.#isLarge = isLarge
    this.#render()
  }

  /** @param {string} key in lower case @returns {boolean} whether it does something */
  press(key) {
    const { settings } = this.#parts
    /** @type {Record<string, () => void>} */
    const shortcuts = {
      ' ': () => this.#togglePlay(),
      p: () => this.#togglePlay(),
      f: () => this.fullscreen(),
      i: () => this.#pictureInPicture(),
      s: () => this.#toggleStats(),
      l: () => this.#share(),
      c: () => settings.hidden || this.#settings(),
      d: () => this.#savePicture(),
      r: () => this.picture.rotate(),
      m: () => this.picture.mirror(),
      '+': this.picture.zoomIn,
      '=': this.picture.zoomIn,
      '-': this.picture.zoomOut,
    }
    shortcuts[key]?.()
    return key in shortcuts
  }

  wake() {
    this.connection.resume()
    this.connection.retryNow()
    if (this.connection.peer) void this.#video.play()
  }

  sleep() {
    this.connection.visible = screen.isPictureInPicture(this.#parts.video)
  }

  #describeCamera() {
    const { key, name, width, height } = this.#camera
    const { video, title, spokenName, ownPage } = this.#parts
    this.#tile.tabIndex = 0
    this.#tile.setAttribute('role', 'group')
    this.#tile.setAttribute('aria-label', name)
    this.#tile.setAttribute(
      'aria-keyshortcuts',
      this.#camera.mayAdminister ? 'Space P F I S L D R M C' : 'Space P F I S L D R M',
    )
    video.setAttribute('aria-label', `Live picture of ${name}`)
    title.textContent = name
    spokenName.textContent = `${name}: `
    ownPage.href = new URL(`${key}/`, window.boot.root).href
    this.#setRatio(video.videoWidth || width, video.videoHeight || height)
  }

  #listen() {
    const { video, pip, fullscreen } = this.#parts
    video.addEventListener('resize', () => this.#setRatio(video.videoWidth, video.videoHeight))
    pip.hidden = !screen.canPictureInPicture(video)
    fullscreen.hidden = !screen.canFullscreen(this.#tile, video)
    this.#parts.action.addEventListener('click', () => this.#act())
    this.#parts.pause.addEventListener('click', () => this.#togglePlay())
    this.#parts.save.addEventListener('click', () => this.#savePicture())
    this.#parts.record.addEventListener('click', () => this.#record())
    this.#parts.recording.addEventListener('click', () => this.#record())
    this.#parts.enlarge.hidden = Boolean(window.boot.cameraOfPage)
    this.#parts.enlarge.addEventListener('click', () => this.#announce('enlarge'))
    this.#parts.zoomIn.addEventListener('click', this.picture.zoomIn)
    this.#parts.zoomOut.addEventListener('click', this.picture.zoomOut)
    this.#parts.rotate.addEventListener('click', () => this.picture.rotate())
    this.#parts.mirror.addEventListener('click', () => this.picture.mirror())
    this.#parts.statsButton.addEventListener('click', () => this.#toggleStats())
    this.#parts.share.addEventListener('click', () => this.#share())
    this.#parts.settings.hidden = !this.#camera.mayAdminister
    this.#parts.settings.addEventListener('click', () => this.#settings())
    pip.addEventListener('click', () => this.#pictureInPicture())
    fullscreen.addEventListener('click', () => this.fullscreen())
    for (const name of ['fullscreenchange', 'webkitfullscreenchange'])
      this.#tile.addEventListener(name, () => this.#render())
    const active = markActive(this.#tile, () => this.#menu.isOpen())
    listenForGestures(this.#tile, this.picture, {
      click: () => this.#announce('enlarge-by-click'),
      tap: active.toggle,
    })
    return watchPresence(this.#tile, {
      isNeeded: () => screen.isPictureInPicture(video) || this.#recorder !== null,
      away: () => this.connection.stopUnseen(),
      back: () => this.connection.state === 'unwatched' && this.connection.play(),
    })
  }

  #act() {
    if (this.#video.needsTap) void this.#video.play()
    else if (isSignedOut(this.connection))
      location.reload() // the server answers with the form to sign in, which leads back here
    else if (this.connection.state === 'reconnecting') this.connection.retryNow()
    else this.connection.play()
  }

  #togglePlay() {
    if (this.connection.state === 'paused') this.connection.play()
    else this.connection.pause()
  }

  fullscreen() {
    if (this.#parts.fullscreen.hidden) return
    screen.toggleFullscreen(this.#tile, this.#parts.video)?.catch(ignoreRefusal)
  }

  #pictureInPicture() {
    if (this.#parts.pip.hidden) return
    screen.togglePictureInPicture(this.#parts.video).catch(ignoreRefusal)
  }

  async #toggleStats() {
    await this.#loadOverlay()
    this.#overlay?.toggle()
  }

  async #share() {
    const panel = await import('./share-panel.js').catch(ignoreOffline)
    panel?.openSharePanel(this.#camera)
  }

  async #settings() {
    const { settings } = this.#parts
    if (screen.isFullscreen(this.#tile)) this.fullscreen() // the panel is beside the tile
    const panel = await import('./settings-panel.js').catch(ignoreOffline)
    await panel?.toggleSettingsPanel(this.#camera, this.#tile, settings).catch(ignoreOffline)
  }

  async #savePicture() {
    const source = this.#shownPicture()
    if (!source) return
    const module = await import('./save-picture.js').catch(ignoreOffline)
    await module?.savePicture(this.picture, source, this.#camera.name)
  }

  async #record() {
    if (this.#recorder) return this.#recorder.stop()
    const module = await import('./recorder.js').catch(ignoreOffline)
    if (!module || this.#recorder) return
    this.#recorder = module.startRecorder(this.picture, () => this.#shownPicture(), this.#camera.name, {
      second: (text) => setText(this.#parts.recording, text),
      stopped: () => {
        this.#recorder = null
        this.#render()
      },
    })
    this.#render()
  }

  /** What has a frame now, over WebRTC or HTTP. */
  #shownPicture() {
    const { video } = this.#parts
    return this.#http?.element ?? (video.videoWidth >= leastPixels ? video : undefined)
  }

  async #loadOverlay() {
    const loaded = this.#overlay ? undefined : await import('./stats-overlay.js').catch(ignoreOffline)
    if (loaded) this.#overlay ??= new loaded.StatsOverlay(this.#parts, this.connection)
  }

  #onEnding() {
    this.#overlay?.ending()
    this.#video.keepLastFrame(this.#http?.element)
    this.#hideHttp()
  }

  /** Above the video of WebRTC, which is shown when it has a frame. */
  #showOverHttp() {
    const { connection } = this
    const options = {
      after: this.#parts.lastFrame,
      camera: this.#camera,
      openMedia: (/** @type {import('./http-media.js').MediaEvents} */ on) => connection.openMedia(on),
      isCameraLive: () => connection.camera?.state === 'live',
    }
    const picture = new HttpPicture(options, {
      frame: () => this.#onHttpFrame(picture),
      failed: () => connection.httpFailed(),
    })
    this.#http = picture
    this.#httpStats = new HttpStats(picture, (stats) => connection.httpSecond(stats))
    this.#render()
  }

  /** @param {HttpPicture} picture */
  #onHttpFrame(picture) {
    if (picture !== this.#http) return
    const { width, height } = picture.read()
    this.#setRatio(width, height)
    this.connection.httpFrameShown(picture.reportsFrames)
  }

  #hideHttp() {
    this.#httpStats?.stop()
    this.#http?.stop()
    this.#http = this.#httpStats = null
  }

  /** @param {number} width @param {number} height */
  #setRatio(width, height) {
    // Chromium has a black frame of 2 by 2 for a connection that was closed before its first frame.
    const isFrame = (width ?? 0) >= leastPixels && (height ?? 0) >= leastPixels
    if (!width || !height || !isFrame || this.#ratio === width / height) return
    this.#ratio = width / height
    this.#announce('ratio')
  }

  #onTurned() {
    this.#announce('ratio')
    this.#render()
  }

  /** @param {string} event for app.js */
  #announce(event) {
    this.#tile.dispatchEvent(new Event(event, { bubbles: true }))
  }

  #render() {
    if (!this.#video) return // a refused connection renders before the constructor is done
    const { connection } = this
    const parts = this.#parts
    this.#renderState()
    const { headline, detail, hint } = describe(connection)
    setText(parts.headline, headline)
    setText(parts.detail, detail)
    setText(parts.hint, hint)
    setText(parts.countdown, countdown(connection))
    setText(parts.congestion, videoNotice(connection, this.#camera.bitrate))
    this.#overlay?.render()
    setSymbol(parts.symbol, symbols[connection.state] ?? 'busy')
    this.#renderAction()
    labelControls(parts, {
      name: this.#camera.name,
      paused: connection.state === 'paused',
      fullscreen: screen.isFullscreen(this.#tile),
      large: this.#isLarge,
      recording: this.#recorder !== null,
      mirrored: this.picture.turned.mirror,
    })
    parts.recording.hidden = this.#recorder === null
    parts.save.hidden = connection.state !== 'live'
    parts.record.hidden = connection.state !== 'live' || !window.MediaRecorder
  }

  #renderState() {
    const before = this.#tile.dataset.state
    const { state, peer } = this.connection
    if (before === state) return
    this.#tile.dataset.state = state
    if (state === 'live') void this.#onLive()
    else if (before === 'live' && peer) this.#video.awaitFrame()
    this.#announce('state')
  }

  #renderAction() {
    const { needsTap } = this.#video
    const button = this.#parts.action
    const text = needsTap ? 'Tap to play' : action(this.connection)
    this.#tile.toggleAttribute('data-tap', needsTap)
    setText(button, text)
    const hadFocus = document.activeElement === button
    button.hidden = text === ''
    if (hadFocus && button.hidden) this.#tile.focus({ preventScroll: true })
  }

  async #onLive() {
    this.#video.clearLastFrame()
    performance.mark(`live:${this.#camera.key}`)
    await this.#loadOverlay() // after the first frame, which does not need it
    this.#overlay?.second()
  }
}

/** @param {unknown} error */
const ignoreOffline = (error) => console.warn(error) // the tile reports a lost server by itself

const ignoreRefusal = () => {} // browsers may require a click; the button is still there
