// @ts-check
/** How a tile shows its picture: zoomed in, rotated, mirrored. Only on this page; the camera and other viewers are not concerned. */

import { moved, whole, within, zoomed } from './zoom.js'

const keyFactor = 1.5
const keyStep = 0.2

export class TilePicture {
  #tile
  #camera
  #choices
  #changed
  #view = whole
  /** @type {import('./choices.js').Turned} */
  #turned

  /**
   * @param {HTMLElement} tile
   * @param {string} camera its key
   * @param {import('./tile-context.js').TileChoices} choices
   * @param {() => void} changed after rotation
   */
  constructor(tile, camera, choices, changed) {
    this.#tile = tile
    this.#camera = camera
    this.#choices = choices
    this.#changed = changed
    this.#turned = choices.read().turned[camera] ?? { turn: 0, mirror: false }
    this.#apply()
    new ResizeObserver(() => this.#show(within(this.#view, this.#size()))).observe(tile)
  }

  get isZoomed() {
    return this.#view.scale > 1
  }

  get turned() {
    return this.#turned
  }

  /** Whether width and height are exchanged. */
  get isSideways() {
    return this.#turned.turn % 180 !== 0
  }

  /** Around a point of the window, or the centre. @param {number} factor @param {{ x: number, y: number }} [at] */
  zoom(factor, at) {
    const { left, top, width, height } = this.#tile.getBoundingClientRect()
    const centre = { x: left + width / 2, y: top + height / 2 }
    const point = at ? { x: at.x - centre.x, y: at.y - centre.y } : { x: 0, y: 0 }
    this.#show(zoomed(this.#view, factor, point, { width, height }))
  }

  /** @param {{ x: number, y: number }} by in CSS pixels */
  move(by) {
    this.#show(moved(this.#view, by, this.#size()))
  }

  reset() {
    this.#show(whole)
  }

  zoomIn = () => this.zoom(keyFactor)
  zoomOut = () => this.zoom(1 / keyFactor)

  /** By an arrow key: the view goes that way, so the picture goes the other. @param {number} right @param {number} down */
  step(right, down) {
    const { width, height } = this.#size()
    this.move({ x: -right * width * keyStep, y: -down * height * keyStep })
  }

  /** By 90 degrees, clockwise as it is seen. */
  rotate() {
    const { turn, mirror } = this.#turned
    const turns = /** @type {const} */ ([0, 90, 180, 270])
    this.#turn({ turn: turns[(turns.indexOf(turn) + (mirror ? 3 : 1)) % 4] ?? 0, mirror })
  }

  mirror() {
    this.#turn({ ...this.#turned, mirror: !this.#turned.mirror })
  }

  /** Draws the visible part of a frame. @param {CanvasRenderingContext2D} context @param {HTMLVideoElement | HTMLImageElement} source */
  draw(context, source) {
    const { canvas } = context
    const [width, height] = sizeOf(source)
    canvas.width = this.isSideways ? height : width
    canvas.height = this.isSideways ? width : height
    const tile = this.#size()
    // The tile shows all of the unzoomed picture, with bars at two sides if it has another shape.
    const pixels = Math.max(canvas.width / tile.width, canvas.height / tile.height)
    const { scale, x, y } = this.#view
    context.translate(canvas.width / 2 + x * pixels, canvas.height / 2 + y * pixels)
    context.scale(this.#turned.mirror ? -scale : scale, scale)
    context.rotate((this.#turned.turn * Math.PI) / 180)
    context.drawImage(source, -width / 2, -height / 2)
  }

  #size() {
    return { width: this.#tile.clientWidth, height: this.#tile.clientHeight }
  }

  /** @param {import('./choices.js').Turned} turned */
  #turn(turned) {
    this.#turned = turned
    this.#choices.change({ turned: { ...this.#choices.read().turned, [this.#camera]: turned } })
    this.#show(whole)
    this.#changed()
  }

  /** @param {import('./zoom.js').View} view */
  #show(view) {
    const { scale, x, y } = this.#view
    if (view.scale === scale && view.x === x && view.y === y && view !== whole) return
    this.#view = view
    this.#apply()
  }

  #apply() {
    const { scale, x, y } = this.#view
    const { turn, mirror } = this.#turned
    const zoom = scale > 1 ? `translate(${x}px, ${y}px) scale(${scale}) ` : ''
    const view = `${zoom}${mirror ? 'scaleX(-1) ' : ''}${turn ? `rotate(${turn}deg)` : ''}`
    if (view) this.#tile.style.setProperty('--view', view)
    else this.#tile.style.removeProperty('--view')
    this.#tile.toggleAttribute('data-zoomed', scale > 1)
    this.#tile.toggleAttribute('data-sideways', this.isSideways)
  }
}

/** @param {HTMLVideoElement | HTMLImageElement} source @returns {[number, number]} */
const sizeOf = (source) =>
  source instanceof HTMLImageElement
    ? [source.naturalWidth, source.naturalHeight]
    : [source.videoWidth, source.videoHeight]
