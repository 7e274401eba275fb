/** The statistics over a picture: rows that are there from the first moment, written once a second while they are shown. */

import { write } from './dom.js'
import { inShort, statistics } from './figures.js'

const wantedByAddress = new URLSearchParams(location.search).get('stats') === 'true'

export class Overlay {
  #parts
  #meter

  /** `parts` are the tile's {figures, stats, statsButton}, `meter` measures the delay. */
  constructor(parts, meter) {
    this.#parts = parts
    this.#meter = meter
    this.shown = wantedByAddress
  }

  get shown() {
    return !this.#parts.stats.hidden
  }

  set shown(wish) {
    this.#parts.stats.hidden = !wish
    this.#parts.statsButton.setAttribute('aria-pressed', String(wish))
  }

  /** Once a second while the picture is live: measures what somebody reads, and nothing else. */
  second(now) {
    if (this.shown || isSeen(this.#parts.figures.parentElement)) this.#meter.tick(this.shown)
    this.render(now)
  }

  render({ state, figures, link }) {
    const live = state === 'live'
    write(this.#parts.figures, live ? inShort(figures, this.#meter.delay) : '')
    if (!this.shown) return
    const values = statistics(live ? figures : null, live ? this.#meter.delay : null, live ? link : null)
    for (const cell of this.#parts.stats.querySelectorAll('dd')) write(cell, values[cell.dataset.of])
  }
}

/** Pages without controls do not lay it out at all. */
const isSeen = (element) => element.offsetParent !== null
