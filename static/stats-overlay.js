// @ts-check
/** The statistics over the video and the line in the corner, updated once a second. Loaded after the first frame. */

import { setText } from './dom.js'
import { statsLine, statsRows } from './format.js'
import { cameraWarnings } from './messages.js'
import { LatencyMeter } from './latency-meter.js'

export class StatsOverlay {
  #parts
  #connection
  #choices
  #words
  #meter

  /**
   * @param {import('./tile-parts.js').TileParts} parts
   * @param {import('./connection.js').Connection} connection
   * @param {Pick<import('./tile-context.js').TileContext, 'choices' | 'showsStats' | 'words'>} context
   */
  constructor(parts, connection, { choices, showsStats, words }) {
    this.#choices = choices
    this.#words = words
    this.#parts = parts
    this.#connection = connection
    this.#meter = new LatencyMeter(parts.video, connection)
    this.#setShown(showsStats || choices.read().stats)
  }

  /** @param {import('./latency.js').Exchange} exchange */
  time(exchange) {
    this.#meter.addExchange(exchange)
  }

  cameraRestarted() {
    this.#meter.cameraRestarted()
  }

  ending() {
    this.#meter.reset()
  }

  toggle() {
    this.#setShown(!this.#isShown())
    this.#choices.change({ stats: this.#isShown() })
    this.second()
    this.render()
  }

  #isShown() {
    return !this.#parts.stats.hidden
  }

  /** @param {boolean} shown */
  #setShown(shown) {
    this.#parts.stats.hidden = !shown
    this.#parts.statsButton.setAttribute('aria-checked', String(shown))
    this.#parts.stats.parentElement?.toggleAttribute('data-stats', shown)
  }

  /** Once a second; measures only a live video whose latency is shown. */
  second() {
    if (this.#connection.state !== 'live' || this.#connection.overHttp) return
    const shown = this.#isShown()
    if (shown || hasLayout(this.#parts.statsLine.parentElement)) this.#meter.tick(shown)
  }

  render() {
    const { state, stats, viewerStatus, camera, overHttp } = this.#connection
    const live = state === 'live'
    const latency = overHttp ? null : this.#meter.latency
    setText(this.#parts.statsLine, live ? statsLine(stats, latency, this.#words) : '')
    if (!this.#isShown()) return
    setText(this.#parts.cameraWarnings, cameraWarnings(this.#connection, this.#words))
    const rows = live
      ? statsRows(stats, latency, viewerStatus, camera, this.#words)
      : statsRows(null, null, null, null, this.#words)
    if (live && overHttp) rows.path = 'HTTP'
    for (const [name, text] of Object.entries(rows)) {
      const cell = this.#parts.stats.querySelector(`[data-stat="${name}"]`)
      if (cell) setText(cell, text)
    }
  }
}

/** False on pages without controls. @param {Element | null} element */
const hasLayout = (element) => element instanceof HTMLElement && element.offsetParent !== null
