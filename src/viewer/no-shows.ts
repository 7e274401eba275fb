import { LruMap } from '../lib/lru-map.js'
import type { EndReason } from './types.js'

/** Reasons for which a session ends before it connected, without the client having asked for it. */
export const MISSES: readonly EndReason[] = [
  'never-connected',
  'superseded',
  'replaced',
  'handshake-failed',
  'impostor',
]

/**
 * A browser sends its first connectivity check 0.1 s after our answer in a local network, 2 to 3 s after it over a slow mobile one.
 */
const RESERVED_MS = 5000
/** Behind a proxy a slow browser shares its network with clients that never connect. */
const LEAST_RESERVED_MS = 3500
const FORGOTTEN_AFTER_MS = 60_000
const MOST_NETWORKS = 4096

/** Networks whose last sessions never connected: how long the next one may wait for its first connectivity check. */
export class NoShows {
  readonly #networks = new LruMap<{ sessions: number; lastMs: number }>(MOST_NETWORKS)
  readonly #nowMs: () => number

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** Counts a session that ended before it connected. */
  note(network: string): void {
    this.#networks.set(network, { sessions: this.#sessionsOf(network) + 1, lastMs: this.#nowMs() })
  }

  /** Forgets the network, because a session of it connected. */
  forgive(network: string): void {
    this.#networks.delete(network)
  }

  has(network: string): boolean {
    return this.#sessionsOf(network) > 0
  }

  /** How long a new session of the network may wait for its first connectivity check, in milliseconds. */
  reservedMs(network: string): number {
    return Math.max(LEAST_RESERVED_MS, RESERVED_MS / 2 ** this.#sessionsOf(network))
  }

  #sessionsOf(network: string): number {
    const known = this.#networks.get(network)
    if (known === undefined) return 0
    if (this.#nowMs() - known.lastMs < FORGOTTEN_AFTER_MS) return known.sessions
    this.#networks.delete(network)
    return 0
  }
}
