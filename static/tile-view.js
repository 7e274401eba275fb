// @ts-check
/** The content of a tile: renders the state of its Connection. */

import { Connection } from './connection.js'
import { labelControls } from './controls.js'
import * as screen from './fullscreen.js'
import { bindMenu } from './menu.js'
import { watchPresence } from './presence.js'
import { ignoreOffline, TileActions } from './tile-actions.js'
import { listenForGestures } from './tile-gestures.js'
import { TileQuality } from './quality.js'
import { TileHttp } from './tile-http.js'
import { markActive } from './tile-input.js'
import { addParts } from './tile-parts.js'
import { TilePicture } from './tile-picture.js'
import { TileSound } from './tile-sound.js'
import { leastPixels, TileVideo } from './tile-video.js'
import { TileTexts } from './tile-texts.js'
import { fillWords } from './words.js'

export class TileView {
  connection
  picture
  presence
  sound
  #quality
  #actions
  /** @type {number | undefined} width by height of the video */
  #ratio
  #isLarge = false
  #tile
  #camera
  #context
  #parts
  #video
  #texts
  #http
  #menu
  /** @type {import('./stats-overlay.js').StatsOverlay | null} */
  #overlay = null

  /**
   * @param {HTMLElement} tile
   * @param {import('./tile-context.js').Prepared} settings
   * @param {import('./tile-context.js').TileContext} context
   */
  constructor(tile, settings, context) {
    this.#tile = tile
    this.#camera = settings.camera
    this.#context = context
    this.connection = new Connection(settings, context, {
      changed: () => this.#render(),
      settings: (camera) => this.describe(camera),
      track: (video, audio) => this.#video.showWhenUseful(video, audio),
      time: (exchange) => this.#overlay?.time(exchange),
      cameraRestarted: () => this.#overlay?.cameraRestarted(),
      second: () => this.#onSecond(),
      ending: () => this.#onEnding(),
      fallback: () => this.#showOverHttp(),
      fallbackOver: () => this.#http.hide(),
    })
    this.#configure()
    this.connection.retryNow() // first: the elements are built while the network works
    this.#parts = addParts(tile)
    this.#texts = new TileTexts(this.#parts, this.connection, context.words)
    this.#video = new TileVideo(this.#parts, this.connection, () => this.#render())
    this.sound = this.#openSound()
    this.picture = new TilePicture(tile, this.#camera.key, context.choices, () => this.#onChanged('ratio'))
    this.#quality = new TileQuality(tile, this.#camera.key, context, this.connection)
    this.#http = new TileHttp(this.connection, context, this.#parts.lastFrame, (...size) =>
      this.#setRatio(...size),
    )
    this.#menu = bindMenu(this.#parts.more, this.#parts.menu)
    this.#actions = this.#listenToButtons()
    this.wordsLoaded()
    this.presence = this.#listen()
  }

  /** With other settings. @param {import('./tile-context.js').TileCamera} camera */
  describe(camera) {
    this.#camera = camera
    this.#configure()
    this.#describeCamera()
  }

  /** Writes what does not change; at first, and when the words have arrived later. */
  wordsLoaded() {
    const { words } = this.#context
    fillWords(this.#tile, words)
    this.#tile.lang = words.language
    this.#tile.dir = words.direction
    this.#describeCamera()
    this.#render()
  }

  #configure() {
    const { maxViewers, fps_min } = this.#camera
    this.connection.maxViewers = maxViewers
    this.connection.fps = fps_min // a camera with a range slows down in the dark
  }

  /** As the configuration has it now. @param {import('../src/http/routes/client-config-answer.js').CameraAnswer} camera */
  update({ name, audio }) {
    const before = this.#camera
    if (name === before.name && audio === before.audio) return
    this.describe({ ...before, name, audio })
    // Sound that was there may come back in the same session.
    if (audio && !before.audio) this.connection.renew(this.#camera)
  }

  get problem() {
    return this.#texts.problem
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
    return this.#actions.press(key)
  }

  fullscreen() {
    this.#actions.fullscreen()
  }

  /** For good. */
  close() {
    this.connection.pause()
    this.presence.stop()
    this.#menu.close()
    this.sound.close()
    this.#actions.stopRecording()
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
    const { name, width, height, mayAdminister } = this.#camera
    const { page, words } = this.#context
    const { video, title, spokenName, ownPage } = this.#parts
    this.#tile.setAttribute('role', 'group')
    this.#tile.setAttribute('aria-label', name)
    const keys = ['Space P F I S D R M', page && 'L', mayAdminister && 'C']
    this.#tile.setAttribute('aria-keyshortcuts', keys.filter(Boolean).join(' '))
    this.#parts.settings.hidden = !mayAdminister
    video.setAttribute('aria-label', words.text('tile.label.video', { name }))
    title.textContent = name
    spokenName.textContent = `${name}: `
    if (page) ownPage.href = page.addressOf(this.#camera)
    // The small size has the shape of the large one.
    this.#quality.cameraWidth = width
    this.#setRatio(video.videoWidth || width, video.videoHeight || height)
  }

  #listenToButtons() {
    const target = {
      tile: this.#tile,
      parts: this.#parts,
      connection: this.connection,
      picture: this.picture,
      video: this.#video,
      sound: this.sound,
      quality: this.#quality,
      context: this.#context,
      camera: () => this.#camera,
      shown: () => this.shownPicture(),
      toggleStats: () => this.#toggleStats(),
      changed: () => this.#render(),
    }
    return new TileActions(target, (event) => this.#announce(event))
  }

  #openSound() {
    const [parts, playback, context] = [this.#parts, this.#video, this.#context]
    const target = { parts, playback, context, connection: this.connection, key: this.#camera.key }
    return new TileSound(target, () => this.#onChanged('sound'))
  }

  #listen() {
    const { video } = this.#parts
    video.addEventListener('resize', () => this.#setRatio(video.videoWidth, video.videoHeight))
    const active = markActive(this.#tile, () => this.#menu.isOpen())
    listenForGestures(this.#tile, this.picture, {
      click: () => this.#announce('enlarge-by-click'),
      tap: active.toggle,
    })
    return watchPresence(this.#tile, {
      inBackground: this.#context.inBackground,
      isNeeded: () => screen.isPictureInPicture(video) || this.#actions.isRecording || this.sound.isOn,
      away: () => this.connection.stopUnseen(),
      back: () => this.connection.state === 'unwatched' && this.connection.play(),
    })
  }

  /** What has a frame now, over WebRTC or HTTP. */
  shownPicture() {
    const { video } = this.#parts
    return this.#http.element ?? (video.videoWidth >= leastPixels ? video : undefined)
  }

  async #toggleStats() {
    await this.#loadOverlay()
    this.#overlay?.toggle()
  }

  async #loadOverlay() {
    const loaded = this.#overlay ? undefined : await import('./stats-overlay.js').catch(ignoreOffline)
    if (loaded) this.#overlay ??= new loaded.StatsOverlay(this.#parts, this.connection, this.#context)
  }

  #onSecond() {
    this.#overlay?.second()
    this.#announce('stats')
  }

  #onEnding() {
    this.#overlay?.ending()
    this.#video.keepLastFrame(this.#http.element)
    this.#http.hide()
  }

  #showOverHttp() {
    this.#http.show(this.#camera)
    this.#render()
  }

  /** @param {number} width @param {number} height */
  #setRatio(width, height) {
    // Chromium has a black frame of 2 by 2 for a connection that was closed before its first frame.
    const isFrame = (width ?? 0) >= leastPixels && (height ?? 0) >= leastPixels
    if (!width || !height || !isFrame || this.#ratio === width / height) return
    this.#ratio = width / height
    this.#announce('ratio')
  }

  /** @param {string} event */
  #onChanged(event) {
    this.#announce(event)
    this.#render()
  }

  /** @param {string} event for app.js */
  #announce(event) {
    this.#tile.dispatchEvent(new Event(event, { bubbles: true }))
  }

  #render() {
    if (!this.#actions) return // a refused connection renders before the constructor is done
    const { connection } = this
    const { words } = this.#context
    const parts = this.#parts
    this.#renderState()
    const isNewProblem = this.#texts.render(this.#camera.bitrate, this.sound.isMissing)
    this.#overlay?.render()
    this.#texts.renderAction(this.#tile, this.#video.needsTap)
    const now = {
      name: this.#camera.name,
      paused: connection.state === 'paused',
      live: connection.state === 'live',
      fullscreen: screen.isFullscreen(this.#tile),
      large: this.#isLarge,
      recording: this.#actions.isRecording,
      mirrored: this.picture.turned.mirror,
      quality: this.#quality.chosen,
      hasSizes: connection.viewerStatus?.size !== undefined,
    }
    this.sound.check()
    labelControls(parts, now, this.sound, words)
    if (isNewProblem) this.#announce('problem')
    this.#context.changed?.()
    this.#texts.loadCauses(() => this.#render())
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

  async #onLive() {
    this.#video.clearLastFrame()
    performance.mark(`live:${this.#camera.key}`)
    await this.#loadOverlay() // after the first frame, which does not need it
    this.#overlay?.second()
  }
}
