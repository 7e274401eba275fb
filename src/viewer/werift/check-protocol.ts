import { StunProtocol } from 'werift'

type Request = Parameters<StunProtocol['request']>
type Check = Request[0]
type Remote = Request[1]

/**
 * When a check without a response is repeated. werift sends its five checks within 750 ms, before a viewer on a slow path has the
 * answer: until its own check has opened its NAT, ours are lost. The limit for an unproven address is five too.
 */
const REPEAT_AT_MS = [50, 250, 1000, 3000] as const
const GIVE_UP_MS = 4500
/** Between repetitions because of checks of the client. */
const MIN_INTERVAL_MS = 50

interface OpenCheck {
  check: Check
  to: Remote
  sentAtMs: number
  timers: NodeJS.Timeout[]
}

/** The checks of one viewer (RFC 8445 section 7.2), spread over the time in which a client connects. */
export class CheckProtocol extends StunProtocol {
  readonly #open = new Set<OpenCheck>()

  /** @param options a number for a connectivity check; an object for a consent check, which is not repeated. */
  override async request(
    check: Check,
    to: Remote,
    integrityKey?: Buffer,
    options?: Request[3],
    onRequestSent?: Request[4],
  ): ReturnType<StunProtocol['request']> {
    if (typeof options === 'object')
      return await super.request(check, to, integrityKey, options, onRequestSent)
    const once = { retransmissions: 0, responseTimeout: GIVE_UP_MS, ...(onRequestSent && { onRequestSent }) }
    const open: OpenCheck = { check, to, sentAtMs: performance.now(), timers: [] }
    open.timers = REPEAT_AT_MS.map((atMs) => setTimeout(() => this.#send(open), atMs))
    this.#open.add(open)
    try {
      return await super.request(check, to, integrityKey, once)
    } finally {
      clearTimers(open)
      this.#open.delete(open)
    }
  }

  /** The client's check shows that a path is open now: sends ours again at once (RFC 8445 section 7.3.1.4). */
  onCheckFrom([host, port]: Remote): void {
    for (const open of this.#open)
      if (open.to[0] === host && open.to[1] === port && performance.now() - open.sentAtMs >= MIN_INTERVAL_MS)
        this.#send(open)
  }

  /** RFC 8445 section 8.1.2: when a pair is nominated, the others are given up. */
  stopRepeating(): void {
    for (const open of this.#open) clearTimers(open)
  }

  #send(open: OpenCheck): void {
    open.sentAtMs = performance.now()
    void this.sendStun(open.check, open.to)
  }

  override async close(): Promise<void> {
    this.stopRepeating() // werift never settles the requests of a closed protocol
    this.#open.clear()
    await super.close()
  }
}

const clearTimers = ({ timers }: OpenCheck): void => {
  for (const timer of timers) clearTimeout(timer)
}
