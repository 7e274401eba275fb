import type { Log } from '../../log.js'
import type { CameraFailure } from '../camera-failure.js'

/**
 * `starting` until the first packet or the first failure, `live` while packets come, `lost` from a failure until packets
 * come again: a camera that is being tried again stays lost, whatever the attempts do in between. `idle` while nobody
 * watches a camera that captures on demand.
 */
export interface CameraStatus {
  state: 'starting' | 'live' | 'lost' | 'idle'
  cause?: string
  message?: string
  hint?: string
  /** How often capturing was started again since the program began. */
  restarts: number
  /** The same, by the cause that each start had; only those that happened. */
  restartsByCause: Readonly<Record<string, number>>
}

/** A camera that is looked after until it is disposed. */
export interface Camera extends AsyncDisposable {
  status(): CameraStatus
  /** Called with every change, not with the present status. */
  onStatus(listener: (status: CameraStatus) => void): Disposable
  /**
   * Ends the capture process in order and starts another at once, or tries again at once what would be tried later.
   * Viewers stay.
   * @returns false where there is nothing to start again: nobody watches, or another program sends the packets.
   */
  restart(): boolean
  /** Of the capture process; undefined while there is none. */
  readonly pid: number | undefined
}

/** A recovery shorter than this is part of the same failure, and the log does not speak of it again. */
const RECOVERED_MS = 5000

const REQUESTED: CameraFailure = {
  cause: 'requested',
  message: 'The camera is started again, as it was asked for.',
  hint: 'It is back in a moment.',
}

const NO_RESTARTS = { restarts: 0, restartsByCause: {} }

/** The one writer of a camera's status: tells the listeners, and logs each failure once and each recovery. */
export class StatusBoard {
  readonly #log: Log
  readonly #listeners = new Set<(status: CameraStatus) => void>()
  #status: CameraStatus = { state: 'starting', ...NO_RESTARTS }
  #loggedCause: string | undefined
  #owesRecovery = true // the first picture is worth a line as well

  /** @param log the camera's own: its lines begin with the camera's name. */
  constructor(log: Log) {
    this.#log = log
  }

  status(): CameraStatus {
    return { ...this.#status }
  }

  onStatus(listener: (status: CameraStatus) => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  /** Nobody watches: nothing is captured. */
  idle(): void {
    if (this.#status.state !== 'idle') this.#log.info('nobody watches: the camera is off until somebody does')
    this.#set({ state: 'idle', ...this.#restarts() })
  }

  /** Somebody watches again. */
  woken(): void {
    this.#log.info('somebody watches: the camera starts')
    this.#set({ state: 'starting', ...this.#restarts() })
  }

  /** Capturing starts again, for the reason it was lost for. */
  restarted(): void {
    const { restarts, restartsByCause, cause = 'unknown' } = this.#status
    this.#status = {
      ...this.#status,
      restarts: restarts + 1,
      restartsByCause: { ...restartsByCause, [cause]: (restartsByCause[cause] ?? 0) + 1 },
    }
  }

  #restarts(): Pick<CameraStatus, 'restarts' | 'restartsByCause'> {
    const { restarts, restartsByCause } = this.#status
    return { restarts, restartsByCause }
  }

  /** Somebody asked for a new start: the picture is away for a moment, and nothing is wrong. */
  requested(): void {
    this.#log.info(REQUESTED.message)
    this.#loggedCause = REQUESTED.cause
    this.#owesRecovery = true
    this.#set({ state: 'lost', ...REQUESTED, ...this.#restarts() })
  }

  live(): void {
    if (this.#owesRecovery) {
      const again = this.#status.state === 'lost' ? ' again' : ''
      this.#log.info(`the camera delivers${again}`, { restarts: this.#status.restarts })
    }
    this.#owesRecovery = false
    this.#set({ state: 'live', ...this.#restarts() })
  }

  /** @param heldMs how long packets had come before, in milliseconds. */
  lost(failure: CameraFailure, heldMs: number): void {
    const { cause, message, hint } = failure
    if (heldMs >= RECOVERED_MS || cause !== this.#loggedCause) {
      this.#log.warn(message, { cause, hint })
      this.#loggedCause = cause
      this.#owesRecovery = true
    }
    this.#set({ state: 'lost', cause, message, hint, ...this.#restarts() })
  }

  #set(status: CameraStatus): void {
    const { state, cause } = this.#status
    this.#status = status
    if (state === status.state && cause === status.cause) return
    for (const listener of [...this.#listeners]) {
      try {
        listener({ ...status })
      } catch (error) {
        this.#log.error('a listener to the camera status failed', { error: String(error) })
      }
    }
  }
}
