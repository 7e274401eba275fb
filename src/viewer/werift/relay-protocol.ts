import { setTimeout as sleep } from 'node:timers/promises'
import { Candidate, type StunProtocol } from 'werift'
import { relayPriority } from '../sdp/candidate.js'
import {
  RelayGuard,
  type RelayAgent,
  type RelayChannel,
  type RelayedAddress,
} from '../transport/relay-guard.js'
import type { UnprovenChecks } from '../transport/unproven-checks.js'
import { CheckProtocol } from './check-protocol.js'
import type { ConnectionInternals, PairInternals } from './internals.js'
import { probePath } from './probe-path.js'
import { transportAt, type Transport } from './socket-adapter.js'
import { TcpBacklog } from './tcp-backlog.js'

/**
 * werift nominates the first pair that works. A direct path may need some round trips to open a NAT, while a relay works at once, and
 * costs delay and somebody's bandwidth for as long as the session lasts.
 */
const DIRECT_FIRST_MS = 1000

/** werift's side of a relayed address (RFC 8445 section 5.1.1.2). */
export class RelayProtocol extends CheckProtocol {
  readonly relay: RelayedAddress
  readonly isRelay = true
  readonly guard: RelayGuard
  readonly #ice: ConnectionInternals
  readonly #abandoned = new AbortController()
  readonly #backlogs = new WeakMap<RelayChannel, TcpBacklog>()
  #firstCheckAtMs: number | undefined

  /** @param order among our relayed addresses, from 0. */
  constructor(
    relay: RelayedAddress,
    order: number,
    agent: RelayAgent,
    unprovenChecks: UnprovenChecks,
    ice: ConnectionInternals,
  ) {
    super()
    this.relay = relay
    this.#ice = ice
    this.guard = new RelayGuard(relay, agent, unprovenChecks)
    const { address, port } = relay.relayed
    this.localIp = address
    this.localCandidate = new Candidate(
      `relay${order}`,
      1,
      'udp',
      relayPriority(relay.isReliable, order),
      address,
      port,
      'relay',
      undefined,
      undefined,
      undefined,
      undefined,
      agent.ufrag,
    )
    this.localCandidate.canPairWith = ({ host, component, transport }) =>
      component === 1 && transport === 'udp' && relay.canRelayTo(host)
    this.transport = this.#transport(address, port) as unknown as StunProtocol['transport']
  }

  #transport(address: string, port: number): Transport {
    const send: Transport['send'] = (packet, to) => {
      if (to !== undefined) this.guard.send(packet, { address: to[0], port: to[1] })
      return Promise.resolve()
    }
    return transportAt(address, port, send)
  }

  /** Connectivity checks wait for those of a direct path. */
  override async request(...call: Parameters<StunProtocol['request']>): ReturnType<StunProtocol['request']> {
    if (typeof call[3] !== 'object') {
      this.#abandoned.signal.throwIfAborted()
      this.#firstCheckAtMs ??= performance.now()
      const waitMs = this.#firstCheckAtMs + DIRECT_FIRST_MS - performance.now()
      if (waitMs > 0) await sleep(waitMs, undefined, { signal: this.#abandoned.signal })
    }
    return await super.request(...call)
  }

  /** Another pair is nominated. */
  override stopRepeating(): void {
    this.#abandoned.abort()
    super.stopRepeating()
  }

  /** Undefined when the allocation is gone. */
  connectionOf({ remoteCandidate: { host, port } }: PairInternals): RelayChannel | undefined {
    return this.relay.isOpen ? this.relay.channelTo({ address: host, port }) : undefined
  }

  get kind(): 'udp' | 'tcp' {
    return this.relay.isReliable ? 'tcp' : 'udp'
  }

  /** Over TCP to the server, as for a viewer over TCP. */
  hasRoom(channel: RelayChannel): boolean {
    if (!this.relay.isReliable) return true
    const backlog =
      this.#backlogs.get(channel) ?? new TcpBacklog(async () => await probePath(this, this.#ice, channel))
    this.#backlogs.set(channel, backlog)
    return backlog.hasRoom(performance.now())
  }
}
