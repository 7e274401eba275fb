// @ts-check
/** Sends changes of one camera one request at a time, at most five a second. A newer value replaces one that waits. */

/**
 * @typedef {import('./settings-api.js').Value} Value
 * @typedef {import('./settings-api.js').Changes} Changes
 */

const intervalMs = 200

export class ChangeQueue {
  #send
  #onBusy
  /** @type {Map<string, { value: Value | null, dueMs: number }>} */
  #waiting = new Map()
  /** @type {string[]} names in the request that is under way */
  #sent = []
  /** @type {(() => Promise<void>)[]} */
  #tasks = []
  #busy = false
  #nextMs = 0
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer

  /**
   * @param {(changes: Changes) => Promise<() => void>} send handles its own errors; its result runs once the values are no longer
   * under way
   * @param {(busy: boolean) => void} [onBusy]
   */
  constructor(send, onBusy = () => {}) {
    this.#send = send
    this.#onBusy = onBusy
  }

  /** @param {string} name @param {Value | null} value @param {number} [quietMs] to wait for a newer value */
  set(name, value, quietMs = 0) {
    this.#waiting.set(name, { value, dueMs: performance.now() + quietMs })
    this.#schedule()
  }

  /** Whether a value of this control waits or is under way. @param {string} name */
  has(name) {
    return this.#waiting.has(name) || this.#sent.includes(name)
  }

  /** Sends what waits, without waiting for newer values. */
  flush() {
    for (const change of this.#waiting.values()) change.dueMs = 0
    this.#schedule()
  }

  /** Runs after every change so far. @param {() => Promise<void>} task handles its own errors */
  run(task) {
    this.#tasks.push(task)
    this.flush()
  }

  #schedule() {
    if (this.#busy) return
    clearTimeout(this.#timer)
    if (this.#waiting.size === 0 && this.#tasks.length === 0) return
    const dueMs = Math.min(...Array.from(this.#waiting.values(), (change) => change.dueMs))
    const waitMs = this.#waiting.size === 0 ? 0 : Math.max(dueMs, this.#nextMs) - performance.now()
    this.#timer = setTimeout(() => void this.#next(), Math.max(0, waitMs))
  }

  async #next() {
    this.#setBusy(true)
    try {
      if (this.#waiting.size > 0) await this.#sendWaiting()
      else await this.#tasks.shift()?.()
    } finally {
      this.#setBusy(false)
      this.#schedule()
    }
  }

  async #sendWaiting() {
    const changes = Object.fromEntries(Array.from(this.#waiting, ([name, { value }]) => [name, value]))
    this.#sent = [...this.#waiting.keys()]
    this.#waiting.clear()
    this.#nextMs = performance.now() + intervalMs
    const answered = await this.#send(changes)
    this.#sent = []
    answered()
  }

  /** @param {boolean} busy */
  #setBusy(busy) {
    this.#busy = busy
    this.#onBusy(busy)
  }
}
