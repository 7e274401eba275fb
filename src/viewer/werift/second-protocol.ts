import type { StunProtocol } from 'werift'
import type { ConnectFacts } from '../connecting/connect-facts.js'
import type { OfferedRelay, RelayAgent } from '../transport/relay-guard.js'
import type { TcpAgent, TcpMux } from '../transport/tcp-mux.js'
import type { Address } from '../transport/udp-mux.js'
import type { ConnectionInternals, PairInternals } from './internals.js'
import { RelayProtocol } from './relay-protocol.js'
import { TcpProtocol } from './tcp-protocol.js'

/** Where packets of a nominated pair go, if not through the UDP mux. */
export interface SecondConnection {
  readonly address: string
  /** HOT: drops the packet if it cannot be sent. Its memory may be reused at once. */
  send(packet: Buffer): true
}

/** A protocol of werift beside that of the UDP mux. */
export interface SecondProtocol {
  readonly kind: 'udp' | 'tcp'
  readonly isRelay: boolean
  /** Undefined when it is closed. */
  connectionOf(pair: PairInternals): SecondConnection | undefined
  /** False while packets that were sent before are long on their way. */
  hasRoom(connection: SecondConnection): boolean
}

/** What a peer has beside the UDP mux. */
export interface SecondTransports {
  /** For clients that connect by TCP. */
  tcp?: TcpMux | undefined
  /** At TURN servers; the peer closes them. */
  relays?: readonly OfferedRelay[]
}

export interface SecondAgent extends TcpAgent, RelayAgent {
  /** @param from has passed a check. */
  receiveRelayed(packet: Buffer, from: Address, over: RelayProtocol): void
  onRelayClosed(): void
}

/** All protocols of one peer beside that of the UDP mux. */
export class SecondProtocols implements AsyncDisposable {
  readonly tcp: TcpProtocol | undefined
  readonly #relays: readonly RelayProtocol[]

  constructor(
    { tcp, relays = [] }: SecondTransports,
    agent: SecondAgent,
    address: string,
    ice: ConnectionInternals,
    facts: ConnectFacts,
  ) {
    this.tcp = tcp && new TcpProtocol(tcp, agent, address, ice, facts)
    this.#relays = relays.map(({ relay, unprovenChecks }, i) => {
      const protocol = new RelayProtocol(relay, i, agent, unprovenChecks, ice)
      protocol.guard.onPacket = (packet, from) => agent.receiveRelayed(packet, from, protocol)
      relay.onClosed = () => agent.onRelayClosed()
      return protocol
    })
  }

  get all(): readonly (StunProtocol & SecondProtocol)[] {
    return this.tcp === undefined ? this.#relays : [this.tcp, ...this.#relays]
  }

  /** A candidate of the other side: relays pass on packets of addresses that they were told of. */
  permit(peer: Address): void {
    for (const { relay } of this.#relays) relay.permit(peer)
  }

  /** A direct path is open. */
  stopRelayChecks(): void {
    for (const relay of this.#relays) relay.stopRepeating()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.tcp?.[Symbol.dispose]()
    await Promise.all(this.#relays.map(async ({ relay }) => await relay[Symbol.asyncDispose]()))
  }
}
