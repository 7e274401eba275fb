/**
 * The statistics over a picture: rows that are there from the first moment, written once a second while they are shown. Fetched
 * when the first picture is there, which nothing of this is needed for.
 */

import { DelayMeter } from './latency-meter.js'
import { write } from './dom.js'
import { inShort, statistics } from './format.js'

const wantedByAddress = new URLSearchParams(location.search).get('stats') === 'true'

export class Overlay {
  #parts
  #connection
  #meter

  /** `parts` are the tile's {video, figures, stats, statsButton}. */
  constructor(parts, connection) {
    this.#parts = parts
    this.#connection = connection
    this.#meter = new DelayMeter(parts.video, connection)
    this.shown = wantedByAddress
  }

  /** What the server says of the time; cameraRestarted() and ending() are the Connection's events of these names. */
  time(exchange) {
    this.#meter.heard(exchange)
  }

  cameraRestarted() {
    this.#meter.cameraRestarted()
  }

  ending() {
    this.#meter.reset()
  }

  toggle() {
    this.shown = !this.shown
    this.second()
    this.render()
  }

  get shown() {
    return !this.#parts.stats.hidden
  }

  set shown(wish) {
    this.#parts.stats.hidden = !wish
    this.#parts.statsButton.setAttribute('aria-pressed', String(wish))
  }

  /** Once a second: measures what somebody reads of a live picture, and nothing else. */
  second() {
    if (this.#connection.state !== 'live') return
    if (this.shown || isSeen(this.#parts.figures.parentElement)) this.#meter.tick(this.shown)
  }

  render() {
    const { state, figures, link } = this.#connection
    const live = state === 'live'
    write(this.#parts.figures, live ? inShort(figures, this.#meter.delay) : '')
    if (!this.shown) return
    const values = statistics(live ? figures : null, live ? this.#meter.delay : null, live ? link : null)
    for (const cell of this.#parts.stats.querySelectorAll('dd')) write(cell, values[cell.dataset.of])
  }
}

/** Pages without controls do not lay it out at all. */
const isSeen = (element) => element.offsetParent !== null
