/** <camera-tile>: one camera on the page. Shows what its Connection says and passes on what the viewer wants. */

import { Connection } from './connection.js'
import { labelControls } from './controls.js'
import { label, use, write } from './dom.js'
import {
  canFullscreen,
  canPictureInPicture,
  isFullscreen,
  isPictureInPicture,
  toggleFullscreen,
  togglePictureInPicture,
} from './fullscreen.js'
import { congestion, countdown, describe } from './messages.js'

const { socketUrl } = window.boot
const symbols = { lost: 'lost', full: 'full', unsupported: 'alert' }
const pointerIdleMs = 2500
const partsByClass = [
  ...['still', 'figures', 'stats', 'congestion', 'headline', 'detail', 'hint', 'countdown', 'action'],
  ...['pause', 'share', 'alone', 'pip', 'fullscreen'],
]

class CameraTile extends HTMLElement {
  #parts
  #connection
  #overlay = null
  #camera
  #needsTap = false
  #frameCallback
  #idle

  watch(camera, iceServers) {
    this.dataset.camera = camera.key
    this.#connection = new Connection(socketUrl(camera.ws), iceServers, {
      changed: () => this.#render(),
      track: (track) => this.#showInTime(track),
      time: (exchange) => this.#overlay?.time(exchange),
      cameraRestarted: () => this.#overlay?.cameraRestarted(),
      second: () => this.#overlay?.second(),
      ending: () => this.#ending(),
    })
    this.#connection.retryNow() // first of all: what follows is done while the network works
    this.#build()
    this.#describe(camera)
  }

  #describe(camera) {
    const { key, name, width, height, fps, maxViewers } = camera
    this.#camera = camera
    const { video, title, spokenName, alone } = this.#parts
    this.#connection.maxViewers = maxViewers ?? 0
    this.#connection.fps = fps ?? 0
    this.setAttribute('aria-label', name)
    title.textContent = name
    spokenName.textContent = `${name}: `
    alone.href = `/${key}/`
    label(alone, `Open ${name} on its own page`)
    this.#setRatio(video.videoWidth || width, video.videoHeight || height)
    this.#render()
  }

  get peerConnection() {
    return this.#connection?.peer ?? null
  }

  get state() {
    return this.#connection.state
  }

  /** The tab came back, or the network did. */
  wake() {
    this.#connection.lookAgain()
    this.#connection.retryNow()
    if (this.state !== 'paused') this.#play()
  }

  sleep() {
    this.#connection.watched = isPictureInPicture(this.#parts.video)
  }

  leave() {
    this.#connection.suspend()
  }

  #build() {
    const parts = document.getElementById('tile').content.cloneNode(true)
    if (this.querySelector('video')) parts.querySelector('video').remove() // its first picture was here before
    this.append(parts)
    const find = (selector) => this.querySelector(selector)
    this.#parts = {
      ...Object.fromEntries(partsByClass.map((name) => [name, find(`.${name}`)])),
      video: find('video'),
      title: find('.name'),
      symbolUse: find('.symbol use'),
      spokenName: find('.spoken-name'),
      statsButton: find('.stats-button'),
    }
    this.tabIndex = 0
    this.setAttribute('role', 'group')
    this.setAttribute('aria-keyshortcuts', 'Space P F I S L')
    this.#listen()
  }

  #listen() {
    const { video, action, pause, pip, fullscreen, statsButton, share } = this.#parts
    video.muted = true // the attribute alone does not count for a video made from a template in WebKit
    video.addEventListener('resize', () => this.#setRatio(video.videoWidth, video.videoHeight))
    video.addEventListener('loadeddata', () => this.#connection.sawFrame())
    video.addEventListener('webkitendfullscreen', () => this.#play()) // leaving full screen pauses on the iPhone
    action.addEventListener('click', () => this.#act())
    pause.addEventListener('click', () => this.#togglePlay())
    statsButton.addEventListener('click', () => this.#toggleStats())
    share.addEventListener('click', () => this.#share())
    pip.hidden = !canPictureInPicture(video)
    pip.addEventListener('click', () => this.#pictureInPicture())
    fullscreen.hidden = !canFullscreen(this, video)
    fullscreen.addEventListener('click', () => this.#fullscreen())
    for (const name of ['fullscreenchange', 'webkitfullscreenchange']) {
      this.addEventListener(name, () => this.#render())
    }
    this.addEventListener('dblclick', ({ target }) => {
      if (!target.closest('button, a')) this.#fullscreen()
    })
    this.addEventListener('keydown', (event) => this.#onKey(event))
    for (const name of ['pointermove', 'pointerdown', 'focusin', 'keydown']) {
      this.addEventListener(name, () => this.#stir())
    }
    this.#stir()
  }

  #onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return
    if (event.key === ' ' && event.target !== this) return // a focused button takes the space bar for itself
    const wish = {
      ' ': () => this.#togglePlay(),
      p: () => this.#togglePlay(),
      f: () => this.#fullscreen(),
      i: () => this.#pictureInPicture(),
      s: () => this.#toggleStats(),
      l: () => this.#share(),
    }[event.key.toLowerCase()]
    if (!wish) return
    event.preventDefault()
    wish()
  }

  /** A pointer that rests hides the controls where the picture is alone on the screen. */
  #stir() {
    clearTimeout(this.#idle)
    delete this.dataset.idle
    this.#idle = setTimeout(() => (this.dataset.idle = ''), pointerIdleMs)
  }

  #act() {
    if (this.#needsTap) this.#play()
    else if (this.state === 'reconnecting') this.#connection.retryNow()
    else this.#connection.play()
  }

  #togglePlay() {
    if (this.state === 'paused') this.#connection.play()
    else this.#connection.pause()
  }

  #fullscreen() {
    if (!this.#parts.fullscreen.hidden) ignoreRefusal(toggleFullscreen(this, this.#parts.video))
  }

  #pictureInPicture() {
    if (!this.#parts.pip.hidden) ignoreRefusal(togglePictureInPicture(this.#parts.video))
  }

  async #toggleStats() {
    await this.#loadOverlay()
    this.#overlay?.toggle()
  }

  /** What nobody needs for a picture is fetched when it is asked for. */
  async #share() {
    const share = await load('./share-panel.js')
    share?.openShare(this.#camera)
  }

  async #loadOverlay() {
    const loaded = this.#overlay ? null : await load('./stats-overlay.js')
    if (loaded) this.#overlay ??= new loaded.Overlay(this.#parts, this.#connection)
  }

  /** A video without a first frame keeps the page from having loaded: while the camera has none, the page is not held up by it. */
  #showInTime(track) {
    if (document.readyState === 'complete' || this.#connection.camera?.state === 'live')
      return this.#show(track)
    window.addEventListener('load', () => track.readyState === 'live' && this.#show(track), { once: true })
  }

  #show(track) {
    const { video } = this.#parts
    const shown = video.srcObject?.getVideoTracks()[0] === track
    if (!shown) video.srcObject = new MediaStream([track])
    if (shown && video.readyState >= 2) this.#connection.sawFrame()
    else this.#awaitFrame()
    this.#play()
  }

  async #play() {
    const { video } = this.#parts
    if (!video.srcObject || (!video.paused && !this.#needsTap)) return
    try {
      await video.play()
      this.#needsTap = false
    } catch (error) {
      // Low power mode on iOS refuses even silent pictures until they are tapped. Other failures are a newer stream's.
      if (error.name === 'NotAllowedError') this.#needsTap = true
    }
    this.#render()
  }

  /** While the tile is not live, the next frame on the screen makes it so. Without this the count of decoded frames does. */
  #awaitFrame() {
    const { video } = this.#parts
    if (!video.requestVideoFrameCallback) return
    video.cancelVideoFrameCallback(this.#frameCallback)
    this.#frameCallback = video.requestVideoFrameCallback(() => {
      this.#connection.sawFrame()
      if (this.state !== 'live') this.#awaitFrame()
    })
  }

  #ending() {
    this.#overlay?.ending()
    this.#keepLastFrame()
  }

  /** The next stream empties the video before it has a picture; the last one stays to be seen until then. */
  #keepLastFrame() {
    const { video, still } = this.#parts
    video.cancelVideoFrameCallback?.(this.#frameCallback)
    if (video.readyState < 2 || !video.videoWidth || still.width > 0) return
    still.width = video.videoWidth
    still.height = video.videoHeight
    still.getContext('2d').drawImage(video, 0, 0)
  }

  #setRatio(width, height) {
    if (!width || !height || this.ratio === width / height) return
    this.ratio = width / height
    this.style.setProperty('--ratio', String(this.ratio))
    this.dispatchEvent(new Event('ratio', { bubbles: true }))
  }

  #render() {
    if (!this.#parts) return
    const now = this.#connection
    const parts = this.#parts
    const was = this.dataset.state
    if (was !== now.state) {
      this.dataset.state = now.state
      if (now.state === 'live') this.#wentLive()
      else if (was === 'live' && now.peer) this.#awaitFrame()
      this.dispatchEvent(new Event('state', { bubbles: true }))
    }
    const { headline, detail, hint } = describe(now)
    write(parts.headline, headline)
    write(parts.detail, detail)
    write(parts.hint, hint)
    write(parts.countdown, countdown(now))
    write(parts.congestion, congestion(now, this.#camera?.bitrate))
    this.#overlay?.render()
    use(parts.symbolUse, symbols[now.state] ?? 'busy')
    this.#renderAction(now.state)
    labelControls(parts, {
      name: parts.title.textContent,
      paused: now.state === 'paused',
      fullscreen: isFullscreen(this),
    })
  }

  #renderAction(state) {
    const { action } = this.#parts
    const words = { paused: 'Play', reconnecting: 'Try now', unsupported: 'Try again' }
    const waits = state === 'reconnecting' && this.#connection.retryInMs === 0
    const text = this.#needsTap ? 'Tap to play' : waits ? '' : (words[state] ?? '')
    this.toggleAttribute('data-tap', this.#needsTap)
    write(action, text)
    const hadFocus = document.activeElement === action
    action.hidden = text === ''
    if (hadFocus && action.hidden) this.focus({ preventScroll: true })
  }

  async #wentLive() {
    const { still } = this.#parts
    still.width = still.height = 0
    performance.mark(`live:${this.dataset.camera}`)
    await this.#loadOverlay()
    this.#overlay?.second()
  }
}

/** A module that a picture does without; undefined when the server is gone, as the tile says by itself. */
const load = async (file) => await import(file).catch((error) => console.warn(file, error))

/** A browser may refuse either wish without a gesture; the button is still there to be pressed. */
const ignoreRefusal = (promise) => promise?.catch?.(() => {})

customElements.define('camera-tile', CameraTile)
