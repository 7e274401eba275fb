// @ts-check
/** When the next session of a camera begins: soon after the first failure, later after many. */

import { backoffMs, fullRetryMs } from './backoff.js'

/** A connection that was live for this long resets the back-off. */
const settledMs = 3000
/** Errors that a retry would not solve. */
const finalErrors = ['no-common-codec', 'camera-removed', 'removed']

/** @param {import('./session.js').SessionError} error */
export const isFinal = ({ code, isFinal = false }) => isFinal || finalErrors.includes(code)

export class RetryTimer {
  failures = 0
  #retry
  #atMs = 0
  #liveSinceMs = 0
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer

  /** @param {() => void} retry */
  constructor(retry) {
    this.#retry = retry
  }

  /** Zero without a wait. */
  get inMs() {
    return this.#atMs ? Math.max(0, this.#atMs - performance.now()) : 0
  }

  /** A frame was shown. @param {number} nowMs */
  live(nowMs) {
    this.#liveSinceMs = nowMs
  }

  /** @param {import('./session.js').SessionError} error that ended the session */
  after({ code }) {
    if (code === 'camera-full' || code === 'server-full') return this.#start(fullRetryMs())
    if (this.#liveSinceMs && performance.now() - this.#liveSinceMs > settledMs) this.failures = 0
    this.#liveSinceMs = 0
    this.#start(backoffMs(this.failures++))
  }

  stop() {
    clearTimeout(this.#timer)
    this.#atMs = 0
  }

  /** @param {number} delayMs */
  #start(delayMs) {
    clearTimeout(this.#timer)
    this.#atMs = performance.now() + delayMs
    this.#timer = setTimeout(this.#retry, delayMs)
  }
}
