// @ts-check
/**
 * <rpi-camera src="http://raspberrypi.local:8080/camera1">: one camera in a page of any site. docs/embed.md describes it. The server
 * has this module at /rpi-camera.js, and it imports nothing but the server's own files.
 */

import { EmbedPlayer } from './embed-player.js'
import { loadSheets } from './embed-styles.js'
import { isFailed } from './player-report.js'
import { snapshotOf } from './save-picture.js'
import { cloneSymbols } from './tile-markup.js'
import { languageFor } from './words.js'

const fits = /** @type {const} */ (['contain', 'cover', 'fill'])
/** That of a <video> without a video (CSS 2.2 section 10.3.2). */
const unknownSize = { width: 300, ratio: 2 }

/** @typedef {import('./rpi-camera-element.js').RpiCameraElement} RpiCameraElement */

/** @implements {RpiCameraElement} */
export class RpiCamera extends HTMLElement {
  static observedAttributes = ['src', 'token', 'controls', 'muted', 'width', 'height', 'lang']

  #shadow = this.attachShadow({ mode: 'open' })
  #box = new CSSStyleSheet()
  #size = unknownSize
  /** @type {EmbedPlayer | null} */
  #player = null
  #isChanging = false
  #state = ''

  constructor() {
    super()
    this.#showSize()
    // Without style sheets the texts would be in a heap.
    const hidden = new CSSStyleSheet()
    hidden.replaceSync('camera-tile, svg { visibility: hidden }')
    this.#shadow.adoptedStyleSheets = [this.#box, hidden]
    this.#shadow.append(cloneSymbols())
  }

  connectedCallback() {
    if (this.#player)
      this.#player.view.wake() // it was moved, which pauses its video
    else this.#start()
  }

  disconnectedCallback() {
    // An element that is moved is connected again at once.
    queueMicrotask(() => this.isConnected || this.#stop())
  }

  /** @param {string} name @param {string | null} before @param {string | null} after */
  attributeChangedCallback(name, before, after) {
    if (name === 'controls') this.#player?.controlsChanged()
    else if (name === 'muted') this.#player?.view.sound.check()
    else if (name === 'width' || name === 'height') this.#showSize()
    else if (before !== after) this.#restart()
  }

  get src() {
    const src = this.getAttribute('src')
    return src === null ? '' : new URL(src, document.baseURI).href
  }

  set src(src) {
    this.setAttribute('src', src)
  }

  get token() {
    return this.getAttribute('token') ?? ''
  }

  set token(token) {
    this.setAttribute('token', token)
  }

  get controls() {
    return this.hasAttribute('controls')
  }

  set controls(on) {
    this.toggleAttribute('controls', on)
  }

  get background() {
    return this.hasAttribute('background')
  }

  set background(on) {
    this.toggleAttribute('background', on)
  }

  get muted() {
    return !this.#player?.view.sound.isOn
  }

  set muted(muted) {
    void this.#player?.view.sound.set(!muted)
  }

  get hasSound() {
    return this.#player?.view.sound.isAvailable ?? false
  }

  get volume() {
    return this.#player?.view.sound.volume ?? 1
  }

  set volume(volume) {
    this.#player?.view.sound.setVolume(Number(volume) || 0)
  }

  get fit() {
    return fits.find((fit) => fit === this.getAttribute('fit')) ?? 'contain'
  }

  set fit(fit) {
    this.setAttribute('fit', fit)
  }

  get width() {
    return numberIn(this.getAttribute('width'))
  }

  set width(width) {
    this.setAttribute('width', String(width))
  }

  get height() {
    return numberIn(this.getAttribute('height'))
  }

  set height(height) {
    this.setAttribute('height', String(height))
  }

  get report() {
    return this.#player?.report ?? { state: 'unwatched', code: '', message: '', hint: '', transport: '' }
  }

  get state() {
    return this.report.state
  }

  get name() {
    return this.#player?.name ?? ''
  }

  get videoWidth() {
    return sizeOf(this.#player?.picture).width
  }

  get videoHeight() {
    return sizeOf(this.#player?.picture).height
  }

  get stats() {
    return this.#player?.view.connection.stats ?? null
  }

  get peerConnection() {
    return this.#player?.view.connection.peer ?? null
  }

  play() {
    const connection = this.#player?.view.connection
    if (connection && ['paused', 'unwatched', 'unsupported'].includes(connection.state)) connection.play()
    else connection?.retryNow()
  }

  pause() {
    this.#player?.view.connection.pause()
  }

  async snapshot() {
    const { picture, view } = this.#player ?? {}
    return picture && view ? await snapshotOf(view.picture, picture) : null
  }

  #start() {
    const options = {
      src: this.getAttribute('src') === null ? null : this.src,
      token: this.token,
      inBackground: () => this.background,
      isSilenced: () => this.hasAttribute('muted'),
      hasControls: () => this.controls,
      language: languageFor([this.closest('[lang]')?.getAttribute('lang'), ...navigator.languages]),
    }
    this.#player = new EmbedPlayer(this.#shadow, options, {
      report: (report) => this.#onReport(report),
      size: (width, ratio) => {
        this.#size = { width, ratio }
        this.#showSize()
        this.dispatchEvent(new Event('resize'))
      },
      stats: () => this.dispatchEvent(new Event('stats')),
      sound: () => this.dispatchEvent(new Event('volumechange')),
    })
    void this.#style()
  }

  #stop() {
    this.#player?.close()
    this.#player = null
  }

  /** Without the token. */
  get #address() {
    return this.src.replace(/\?.*/, '')
  }

  /** Once for several attributes that are set together. */
  #restart() {
    if (!this.#player || this.#isChanging) return
    this.#isChanging = true
    queueMicrotask(() => {
      this.#isChanging = false
      this.#stop()
      if (this.isConnected) this.#start()
    })
  }

  async #style() {
    const sheets = await loadSheets(this).catch((error) => console.warn(error))
    if (sheets) this.#shadow.adoptedStyleSheets = [this.#box, ...sheets]
  }

  /** As the attributes of a <video>: weaker than any style of the page. */
  #showSize() {
    const { width, height } = this
    const ratio = width && height ? width / height : this.#size.ratio
    const inlineSize = width || (height ? height * ratio : this.#size.width)
    this.#box.replaceSync(`:host { font-size: medium; width: ${inlineSize}px; aspect-ratio: ${ratio} }`)
  }

  /** @param {import('./player-report.js').Report} report */
  #onReport(report) {
    if (this.#shadow.adoptedStyleSheets.length === 2) void this.#style() // the server was away
    const about = { detail: report }
    const isNew = report.state !== this.#state
    this.#state = report.state
    this.dispatchEvent(new CustomEvent('statechange', about))
    if (isNew && report.state === 'live') this.dispatchEvent(new CustomEvent('playing', about))
    if (!isFailed(report)) return
    // A small element has no room for the hint.
    if (report.hint) console.warn(`<rpi-camera src="${this.#address}">: ${report.message} ${report.hint}`)
    this.dispatchEvent(new CustomEvent('failed', about))
  }
}

/** @param {string | null} text */
const numberIn = (text) => Math.max(0, Math.trunc(Number(text)) || 0)

/** @param {HTMLVideoElement | HTMLImageElement | undefined} picture */
const sizeOf = (picture) =>
  picture instanceof HTMLVideoElement
    ? { width: picture.videoWidth, height: picture.videoHeight }
    : { width: picture?.naturalWidth ?? 0, height: picture?.naturalHeight ?? 0 }

// Another server may have defined it already.
if (!customElements.get('rpi-camera')) customElements.define('rpi-camera', RpiCamera)
