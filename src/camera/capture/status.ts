import type { Log } from '../../log.js'
import type { CameraFailure } from '../camera-failure.js'

/**
 * `starting` until the first packet or failure, `live` while packets arrive, `lost` from a failure until packets arrive
 * again, `idle` while an on-demand camera has no watchers.
 */
export interface CameraStatus {
  state: 'starting' | 'live' | 'lost' | 'idle'
  cause?: string
  message?: string
  hint?: string
  /** What is wrong with video that plays nevertheless. Only while live. */
  warnings?: readonly CameraFailure[]
  restarts: number
  restartsByCause: Readonly<Record<string, number>>
}

export interface Camera extends AsyncDisposable {
  status(): CameraStatus
  /** Called with every change, not with the current status. */
  onStatus(listener: (status: CameraStatus) => void): Disposable
  /**
   * Restarts the capture process, or retries at once if a retry is pending. Viewers stay connected.
   * @returns false if there is no process to restart: the camera is idle, or another program sends the packets.
   */
  restart(): boolean
  /**
   * Stops the capture process, runs `task` with the device free, and starts it again; viewers stay connected.
   * @param task has to end soon after its signal aborts, and must not reject.
   * @returns false if it cannot run: there is no process, another task waits, or `signal` aborted before it began.
   */
  pause(
    why: CameraFailure,
    task: (signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<boolean>
  readonly pid: number | undefined
}

/** If packets stop again within this time, it is the same failure and is not logged again. */
const RECOVERED_MS = 5000

const REQUESTED: CameraFailure = {
  cause: 'requested',
  message: 'Restarting the camera, as requested.',
  hint: 'It is back in a moment.',
}

/** What the log says of a process that captures. */
export interface StatusWords {
  idle: string
  woken: string
  live: string
  requested: CameraFailure
}

const CAMERA_WORDS: StatusWords = {
  idle: 'no viewers: the camera is off until it is requested',
  woken: 'the camera is requested: starting it',
  live: 'the camera delivers video',
  requested: REQUESTED,
}

const NO_RESTARTS = { restarts: 0, restartsByCause: {} }

/** Owns a camera's status: notifies listeners, and logs each failure and each recovery once. */
export class StatusBoard {
  readonly #log: Log
  readonly #words: StatusWords
  readonly #listeners = new Set<(status: CameraStatus) => void>()
  #status: CameraStatus = { state: 'starting', ...NO_RESTARTS }
  #loggedCause: string | undefined
  #logsRecovery = true // the first packet is logged as well
  #loggedWarnings: ReadonlySet<string> = new Set()

  constructor(log: Log, words = CAMERA_WORDS) {
    this.#log = log
    this.#words = words
  }

  status(): CameraStatus {
    return { ...this.#status }
  }

  onStatus(listener: (status: CameraStatus) => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  idle(): void {
    if (this.#status.state !== 'idle') this.#log.info(this.#words.idle)
    this.#set({ state: 'idle', ...this.#restarts() })
  }

  woken(): void {
    this.#log.info(this.#words.woken)
    this.#set({ state: 'starting', ...this.#restarts() })
  }

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

  /** Sets `lost` for a restart that was requested; it is logged as information. */
  requested(why = this.#words.requested): void {
    this.#log.info(why.message)
    this.#loggedCause = why.cause
    this.#logsRecovery = true
    this.#set({ state: 'lost', ...why, ...this.#restarts() })
  }

  /** Packets arrive again, and it is not known yet whether they are video. */
  checking(): void {
    this.#set({ state: 'starting', ...this.#restarts() })
  }

  /** Each kind of warning is logged once until it is gone. */
  live(warnings: readonly CameraFailure[] = []): void {
    if (this.#logsRecovery) {
      const again = this.#status.state === 'lost' ? ' again' : ''
      this.#log.info(`${this.#words.live}${again}`, { restarts: this.#status.restarts })
    }
    this.#logsRecovery = false
    for (const { cause, message, hint } of warnings)
      if (!this.#loggedWarnings.has(cause)) this.#log.warn(message, { cause, hint })
    this.#loggedWarnings = new Set(warnings.map(({ cause }) => cause))
    this.#set({ state: 'live', ...(warnings.length > 0 && { warnings }), ...this.#restarts() })
  }

  /** @param heldMs how long packets arrived before the failure. */
  lost(failure: CameraFailure, heldMs: number): void {
    const { cause, message, hint } = failure
    if (heldMs >= RECOVERED_MS || cause !== this.#loggedCause) {
      this.#log.warn(message, { cause, hint })
      this.#loggedCause = cause
      this.#logsRecovery = true
    }
    this.#set({ state: 'lost', cause, message, hint, ...this.#restarts() })
  }

  #set(status: CameraStatus): void {
    const before = this.#status
    this.#status = status
    if (isSame(before, status)) return
    for (const listener of [...this.#listeners]) {
      try {
        listener({ ...status })
      } catch (error) {
        this.#log.error('a camera status listener failed', { error: String(error) })
      }
    }
  }
}

const isSame = (a: CameraStatus, b: CameraStatus): boolean =>
  a.state === b.state && a.cause === b.cause && causesOf(a) === causesOf(b)

const causesOf = ({ warnings = [] }: CameraStatus): string => warnings.map(({ cause }) => cause).join()
