// @ts-check
/** The player in an <rpi-camera>: a tile as on the viewer page, for one address. */

import { createContext, unknownSettings } from './embed-context.js'
import { listenForKeys } from './embed-keys.js'
import { parseSource } from './embed-source.js'
import { followPage } from './page-life.js'
import { reportOf } from './player-report.js'
import { isSlowNetwork, loadPoster } from './poster.js'
import { isOnPart } from './tile-gestures.js'
import { leastPixels } from './tile-video.js'
import { TileView } from './tile-view.js'
import { Words } from './words.js'

/**
 * @typedef {object} PlayerOptions
 * @property {string | null} src
 * @property {string} token
 * @property {() => boolean} inBackground
 * @property {() => boolean} isSilenced
 * @property {() => boolean} hasControls
 * @property {string} language
 *
 * @typedef {object} PlayerEvents
 * @property {(report: import('./player-report.js').Report) => void} report changed
 * @property {(width: number, ratio: number) => void} size of the video changed
 * @property {() => void} stats
 * @property {() => void} sound there is sound or not, it is on or off, or its volume changed
 */

export class EmbedPlayer {
  view
  #tile
  #camera
  #on
  #options
  #closed = new AbortController()
  #report = ''
  #words
  /** Whether the words have arrived, or never will. */
  #hasWords = false
  #removePoster = () => {}

  /** @param {ShadowRoot} shadow @param {PlayerOptions} options @param {PlayerEvents} events */
  constructor(shadow, options, events) {
    this.#on = events
    this.#options = options
    const source = () => parseSource(options.src, options.token, location)
    const settings = unknownSettings(keyIn(source))
    this.#camera = settings.camera
    this.#tile = document.createElement('camera-tile')
    this.#words = new Words(options.language)
    const on = {
      inBackground: options.inBackground,
      isSilenced: options.isSilenced,
      prepared: (/** @type {import('./tile-context.js').Prepared} */ { camera }) => this.#onSettings(camera),
      changed: () => this.#onChanged(),
      signal: this.#closed.signal,
    }
    const context = createContext(source, on, this.#words)
    shadow.append(this.#tile)
    this.view = new TileView(this.#tile, settings, context)
    this.#listen()
    this.controlsChanged()
    void this.#loadWords()
  }

  get report() {
    return reportOf(this.view.connection, this.#words)
  }

  get name() {
    return this.#camera.name
  }

  /** What is shown now. */
  get picture() {
    return this.view.shownPicture()
  }

  /** The video does not wait for them. */
  async #loadWords() {
    await this.#words.load().catch((error) => console.warn(error))
    this.#hasWords = true
    if (this.#closed.signal.aborted) return
    this.view.wordsLoaded()
    this.#onChanged()
  }

  controlsChanged() {
    this.#tile.tabIndex = this.#options.hasControls() ? 0 : -1
  }

  close() {
    this.#closed.abort()
    this.#removePoster()
    this.view.close()
    this.#tile.remove()
  }

  #listen() {
    const { view } = this
    const tile = this.#tile
    const options = { signal: this.#closed.signal }
    listenForKeys(tile, view)
    followPage(
      {
        sleep: () => view.sleep(),
        wake: () => view.wake(),
        leave: () => view.connection.leave(),
      },
      this.#closed.signal,
    )
    tile.addEventListener('ratio', () => this.#onSize(), options)
    tile.addEventListener('stats', () => this.#on.stats(), options)
    tile.addEventListener('sound', () => this.#on.sound(), options)
    tile.addEventListener('dblclick', (event) => isOnPart(event) || view.fullscreen(), options)
  }

  /** @param {import('./tile-context.js').TileCamera} camera */
  #onSettings(camera) {
    const isFirst = this.#camera.width === 0
    this.#camera = camera
    if (isFirst && camera.snapshot && !isSlowNetwork()) this.#showPoster(camera.snapshot)
  }

  /** @param {string} snapshot */
  #showPoster(snapshot) {
    const video = this.#tile.querySelector('video')
    const isCrossOrigin = new URL(snapshot).origin !== location.origin
    const { image, remove } = loadPoster(snapshot, isCrossOrigin)
    this.#removePoster = remove
    video?.addEventListener('loadeddata', () => video.videoWidth >= leastPixels && remove(), {
      signal: this.#closed.signal,
    })
    video?.before(image)
  }

  #onSize() {
    const { ratio, picture } = this.view
    const { width, height } = this.#camera
    if (ratio) this.#on.size((picture.isSideways ? height : width) || 0, ratio)
  }

  #onChanged() {
    if (!this.#hasWords || this.#closed.signal.aborted) return
    const { report } = this
    const text = JSON.stringify(report)
    if (text === this.#report) return
    this.#report = text
    this.#on.report(report)
  }
}

/** For the label until the server has sent the name. @param {() => import('./embed-source.js').Source} source */
function keyIn(source) {
  try {
    return source().key
  } catch {
    return ''
  }
}
