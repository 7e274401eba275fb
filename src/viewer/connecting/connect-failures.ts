import { networkOf } from '../../lib/ip-network.js'
import { LruMap } from '../../lib/lru-map.js'
import type { Log } from '../../log.js'
import { CONNECT_CAUSE_NAMES, type ConnectCause } from './connect-causes.js'
import type { ConnectFailure } from './connect-failure.js'

/** A page tries again every few seconds, and fails for the same cause. */
const LOG_INTERVAL_MS = 60_000
const MOST_RECENT = 20
const MOST_SESSIONS = 256
const MOST_LOGGED = 256

/** A session that did not connect. */
export interface FailedSession {
  /** A secret of its client. */
  id: string
  camera: string
  via: string
  /** As signalling sees it. */
  client: string
  failure: ConnectFailure
  /** For the log. */
  facts: Readonly<Record<string, string | number>>
}

/** Of performance.now(). */
export type RecentFailure = Omit<FailedSession, 'id' | 'facts'> & { atMs: number }

/** Counts, logs and remembers why sessions did not connect. */
export class ConnectFailures {
  /** Since the start. */
  readonly counts = Object.fromEntries(CONNECT_CAUSE_NAMES.map((cause) => [cause, 0])) as Record<
    ConnectCause,
    number
  >
  readonly #log: Log
  readonly #nowMs: () => number
  readonly #recent: RecentFailure[] = []
  readonly #bySession = new LruMap<ConnectFailure>(MOST_SESSIONS)
  readonly #loggedAtMs = new LruMap<number>(MOST_LOGGED)

  constructor(log: Log, nowMs: () => number = () => performance.now()) {
    this.#log = log
    this.#nowMs = nowMs
  }

  note({ id, facts, ...session }: FailedSession): void {
    const { camera, via, client, failure } = session
    const nowMs = this.#nowMs()
    this.counts[failure.cause]++
    this.#bySession.set(id, failure)
    this.#recent.unshift({ ...session, atMs: nowMs })
    this.#recent.splice(MOST_RECENT)
    const key = `${networkOf(client)} ${camera} ${failure.cause}`
    const isRepeated = nowMs - (this.#loggedAtMs.get(key) ?? -Infinity) < LOG_INTERVAL_MS
    const line = { camera, via, cause: failure.cause, ...facts }
    if (isRepeated) return this.#log.debug('viewer could not connect', line)
    this.#loggedAtMs.set(key, nowMs)
    this.#log.warn('viewer could not connect', line)
  }

  /** Why a session that has ended did not connect. */
  of(id: string): ConnectFailure | undefined {
    return this.#bySession.get(id)
  }

  /** The latest first. */
  get recent(): readonly RecentFailure[] {
    return this.#recent
  }
}
