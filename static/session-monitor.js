// @ts-check
/** Watches one camera, twice a second: whether frames arrive over WebRTC or over HTTP, and the statistics of its session. */

import { FrameWatch } from './frame-watch.js'
import { HttpState } from './http-state.js'
import { StatsPoller } from './stats-poller.js'

const tickMs = 500

/**
 * @typedef {object} MonitorEvents
 * @property {() => void} tick
 * @property {() => void} frame one was decoded
 * @property {(stats: import('./stats-poller.js').CurrentStats | null) => void} second every second tick
 * @property {(dead: { overHttp: boolean }) => void} dead
 * @property {(stalled: { overHttp: boolean }) => void} stalled
 *
 * @typedef {object} MonitoredCamera
 * @property {number} fps zero where unknown
 * @property {boolean} cameraDelivers
 */

export class SessionMonitor {
  http = new HttpState()
  #camera
  #on
  #frames = new FrameWatch()
  /** @type {StatsPoller | null} */
  #poller = null
  /** @type {RTCPeerConnection | null} */
  #peer = null
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #ticker

  /** @param {() => MonitoredCamera | null} camera null: its silence means nothing @param {MonitorEvents} on */
  constructor(camera, on) {
    this.#camera = camera
    this.#on = on
  }

  /** Also while there is no session: the time until the next one is shown. */
  start() {
    this.#ticker ??= setInterval(() => this.#tick(), tickMs)
  }

  stop() {
    clearInterval(this.#ticker)
    this.#ticker = undefined
    this.#peer = this.#poller = null
    this.http.stop()
  }

  /** Of a new session, or the next one of the same session. @param {RTCPeerConnection} peer */
  follow(peer) {
    this.#peer = peer
    this.#frames = new FrameWatch()
    this.#poller = new StatsPoller(peer)
  }

  connected() {
    this.#frames.connected(performance.now())
  }

  /** A frame of WebRTC. @param {number} nowMs @returns {boolean} whether it means that the camera is live */
  frame(nowMs) {
    return this.#frames.frame(nowMs)
  }

  cameraLost() {
    this.#frames.cameraLost(performance.now())
    this.http.cameraLost(performance.now())
  }

  /** @returns {boolean} whether it is shown over HTTP again without a report */
  cameraLive() {
    this.#frames.cameraLive(performance.now())
    return this.http.cameraLive(performance.now())
  }

  resume() {
    this.#frames.resume(performance.now())
  }

  async #tick() {
    this.#on.tick()
    const poller = this.#poller
    if (this.#peer?.connectionState === 'connected' && poller) {
      const { hasNewFrame, current } = await poller.poll()
      if (this.#poller !== poller) return
      if (hasNewFrame) this.#on.frame()
      if (current !== undefined) this.#on.second(current)
    }
    this.#check()
  }

  #check() {
    const camera = this.#camera()
    if (!camera) return
    const overHttp = this.http.isOn
    const results = [{ overHttp: false, result: this.#frames.check(performance.now(), camera) }]
    if (overHttp) results.push({ overHttp, result: this.http.check(performance.now(), camera) })
    for (const { result, ...by } of results) {
      if (result === 'stalled') this.#on.stalled(by)
      if (result === 'dead') this.#on.dead(by)
    }
  }
}
