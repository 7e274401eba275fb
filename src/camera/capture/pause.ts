import { firstOf, whenAborted, type Racer } from '../../lib/race.js'
import type { CameraFailure } from '../camera-failure.js'

interface Pending {
  why: CameraFailure
  run: () => Promise<void>
}

/** One task that needs the device of a camera: it runs between two capture processes. */
export class Pause {
  readonly #closing: AbortSignal
  readonly #restart: () => void
  #pending: Pending | undefined

  /** @param restart ends the running capture process, so that the next attempt begins. */
  constructor(closing: AbortSignal, restart: () => void) {
    this.#closing = closing
    this.#restart = restart
  }

  /** Why the capture process is stopped, while a task waits for it. */
  get why(): CameraFailure | undefined {
    return this.#pending?.why
  }

  /** Runs the waiting task, if there is one. Called while no process has the device. */
  async run(): Promise<void> {
    await this.#pending?.run()
  }

  /** @returns false if the task did not run: another one waits, or the signal came first. */
  async request(
    why: CameraFailure,
    task: (signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (this.#closing.aborted || this.#pending !== undefined || signal.aborted) return false
    const closed: Racer<void> = whenAborted(this.#closing)
    return await new Promise<boolean>((resolve) => {
      const pending: Pending = {
        why,
        run: async () => {
          this.#pending = undefined
          await task(this.#closing).finally(() => resolve(true))
        },
      }
      this.#pending = pending
      void firstOf<unknown>(whenAborted(signal), closed).then(() => {
        if (this.#pending !== pending) return // it has begun
        this.#pending = undefined
        resolve(false)
      })
      this.#restart()
    })
  }
}
