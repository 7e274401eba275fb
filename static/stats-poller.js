// @ts-check
/** Reads the statistics of one session: every time for new frames, every second time for the tile. */

import { rates, readVideoStats } from './webrtc-stats.js'

/** @typedef {import('./webrtc-stats.js').VideoStats & import('./webrtc-stats.js').VideoRates} CurrentStats */

export class StatsPoller {
  #peer
  #polls = 0
  #framesDecoded = 0
  /** @type {import('./webrtc-stats.js').VideoStats | null} of the last poll for the tile */
  #before = null

  /** @param {RTCPeerConnection} peer */
  constructor(peer) {
    this.#peer = peer
  }

  /** @returns {Promise<{ hasNewFrame: boolean, current?: CurrentStats | null }>} current: at every second call */
  async poll() {
    const stats = await readVideoStats(this.#peer).catch(() => null)
    const hasNewFrame = stats !== null && stats.framesDecoded > this.#framesDecoded
    if (hasNewFrame) this.#framesDecoded = stats.framesDecoded
    if (this.#polls++ % 2 !== 0) return { hasNewFrame }
    const current = stats && { ...stats, ...rates(this.#before, stats) }
    this.#before = stats
    return { hasNewFrame, current }
  }
}
