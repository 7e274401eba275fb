// @ts-check
/** The content of a tile: renders the state of its Connection and handles its buttons and keys. */

import { Connection } from './connection.js'
import { labelControls } from './controls.js'
import { setLabel, setSymbol, setText } from './dom.js'
import * as screen from './fullscreen.js'
import { HttpPicture } from './http-picture.js'
import { HttpStats } from './http-stats.js'
import { action, countdown, describe, isSignedOut, videoNotice } from './messages.js'
import { listenForKeys, markIdle, onDoubleClick } from './tile-input.js'
import { addParts } from './tile-parts.js'
import { TileVideo } from './tile-video.js'

/** @type {Partial<Record<import('./tile-state.js').TileState, string>>} */
const symbols = { lost: 'lost', full: 'full', unsupported: 'alert' }

const smallestPx = 16

export class TileView {
  /** @type {number | undefined} width by height */
  ratio
  connection
  #tile
  #camera
  #parts
  #video
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
    this.#describeCamera()
    this.#listen()
    this.#render()
  }

  /** @param {string} name */
  rename(name) {
    if (name === this.#camera.name) return
    this.#camera = { ...this.#camera, name }
    this.#describeCamera()
  }

  wake() {
    this.connection.resume()
    this.connection.retryNow()
    if (this.connection.state !== 'paused') void this.#video.play()
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
      this.#camera.mayAdminister ? 'Space P F I S L C' : 'Space P F I S L',
    )
    title.textContent = name
    spokenName.textContent = `${name}: `
    ownPage.href = new URL(`${key}/`, window.boot.root).href
    setLabel(ownPage, `Open ${name} on its own page`)
    this.#setRatio(video.videoWidth || width, video.videoHeight || height)
  }

  #listen() {
    const { video, pip, fullscreen } = this.#parts
    video.addEventListener('resize', () => this.#setRatio(video.videoWidth, video.videoHeight))
    pip.hidden = !screen.canPictureInPicture(video)
    fullscreen.hidden = !screen.canFullscreen(this.#tile, video)
    this.#parts.action.addEventListener('click', () => this.#act())
    this.#parts.pause.addEventListener('click', () => this.#togglePlay())
    this.#parts.statsButton.addEventListener('click', () => this.#toggleStats())
    this.#parts.share.addEventListener('click', () => this.#share())
    this.#parts.settings.hidden = !this.#camera.mayAdminister
    this.#parts.settings.addEventListener('click', () => this.#settings())
    pip.addEventListener('click', () => this.#pictureInPicture())
    fullscreen.addEventListener('click', () => this.#fullscreen())
    for (const name of ['fullscreenchange', 'webkitfullscreenchange'])
      this.#tile.addEventListener(name, () => this.#render())
    onDoubleClick(this.#tile, () => this.#fullscreen())
    markIdle(this.#tile)
    listenForKeys(this.#tile, {
      ' ': () => this.#togglePlay(),
      p: () => this.#togglePlay(),
      f: () => this.#fullscreen(),
      i: () => this.#pictureInPicture(),
      s: () => this.#toggleStats(),
      l: () => this.#share(),
      c: () => this.#settings(),
    })
  }

  #act() {
    if (this.#video.needsTap) void this.#video.play()
    else if (isSignedOut(this.connection))
      location.reload() // the browser asks for the password
    else if (this.connection.state === 'reconnecting') this.connection.retryNow()
    else this.connection.play()
  }

  #togglePlay() {
    if (this.connection.state === 'paused') this.connection.play()
    else this.connection.pause()
  }

  #fullscreen() {
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
    if (settings.hidden) return
    if (screen.isFullscreen(this.#tile)) this.#fullscreen() // the panel is beside the tile
    const panel = await import('./settings-panel.js').catch(ignoreOffline)
    await panel?.toggleSettingsPanel(this.#camera, this.#tile, settings).catch(ignoreOffline)
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
    if (width < smallestPx || height < smallestPx || this.ratio === width / height) return
    this.ratio = width / height
    this.#tile.style.setProperty('--ratio', String(this.ratio))
    this.#tile.dispatchEvent(new Event('ratio', { bubbles: true }))
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
    })
  }

  #renderState() {
    const before = this.#tile.dataset.state
    const { state, peer } = this.connection
    if (before === state) return
    this.#tile.dataset.state = state
    if (state === 'live') void this.#onLive()
    else if (before === 'live' && peer) this.#video.awaitFrame()
    this.#tile.dispatchEvent(new Event('state', { bubbles: true }))
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
