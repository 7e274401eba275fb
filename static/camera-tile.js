// @ts-check
/** <camera-tile>: the custom element of one camera. tile-view.js has its content. */

import { pageContext } from './page-context.js'
import { cloneSymbols } from './tile-markup.js'
import { TileView } from './tile-view.js'

export class CameraTile extends HTMLElement {
  /** @type {TileView | null} */
  #view = null
  name = ''

  /** @param {import('./tile-context.js').TileCamera} camera @param {RTCIceServer[]} iceServers */
  watch(camera, iceServers) {
    this.dataset.camera = camera.key
    this.name = camera.name
    this.tabIndex = 0
    this.#view = new TileView(this, { camera, iceServers }, pageContext)
  }

  /** The camera is gone. */
  stop() {
    this.#view?.close()
  }

  /** As the configuration has it now. @param {import('../src/http/routes/client-config-answer.js').CameraAnswer} camera */
  update(camera) {
    this.name = camera.name
    this.#view?.update(camera)
  }

  /** For tests and for scripts in the browser's console. */
  get peerConnection() {
    return this.#view?.connection.peer ?? null
  }

  /** What is wrong with the way to the camera; "" where nothing is. */
  get problem() {
    return this.#view?.problem ?? ''
  }

  get state() {
    return this.#view?.connection.state ?? 'connecting'
  }

  /** Width by height of the video, or as configured until there is one. */
  get ratio() {
    return this.#view?.ratio
  }

  /** Whether the layout shows it larger than the others. @param {boolean} isLarge */
  set isLarge(isLarge) {
    if (this.#view) this.#view.isLarge = isLarge
  }

  /** @param {string} key @returns {boolean} whether it does something */
  press(key) {
    return this.#view?.press(key) ?? false
  }

  toggleFullscreen() {
    this.#view?.fullscreen()
  }

  get isZoomed() {
    return this.#view?.picture.isZoomed ?? false
  }

  /** @returns {boolean} whether the picture was zoomed in */
  unzoom() {
    const { isZoomed } = this
    if (isZoomed) this.#view?.picture.reset()
    return isZoomed
  }

  /** Moves a zoomed picture. @param {number} right @param {number} down @returns {boolean} whether it is zoomed in */
  moveBy(right, down) {
    if (!this.#view?.picture.isZoomed) return false
    this.#view.picture.step(right, down)
    return true
  }

  /** The tab is visible again, or the network is back. */
  wake() {
    this.#view?.wake()
  }

  /** @param {boolean} dozing */
  doze(dozing) {
    this.#view?.presence.doze(dozing)
  }

  /** The tab is hidden. */
  sleep() {
    this.#view?.sleep()
  }

  /** The page is unloaded or enters the back-forward cache. */
  leave() {
    this.#view?.connection.leave()
  }
}

document.body.append(cloneSymbols())
customElements.define('camera-tile', CameraTile)
