import { Candidate, candidateFoundation, candidatePriority, StunProtocol } from 'werift'
import type { ConnectFacts } from '../connecting/connect-facts.js'
import type { TcpConnection } from '../transport/tcp-connection.js'
import type { TcpAgent, TcpAttachment, TcpMux } from '../transport/tcp-mux.js'
import type { ConnectionInternals, PairInternals } from './internals.js'
import { probePath } from './probe-path.js'
import { transportAt, type Transport } from './socket-adapter.js'
import { TcpBacklog } from './tcp-backlog.js'

/** RFC 6544 section 7.2 has nothing lost, only delayed; a later check of the client starts another one of ours. */
const CHECK_LIMIT_MS = 3000

/** werift's side of one viewer's TCP connections: a passive candidate (RFC 6544). */
export class TcpProtocol extends StunProtocol implements Disposable {
  readonly #attachment: TcpAttachment
  readonly #ice: ConnectionInternals
  readonly #facts: ConnectFacts
  readonly #backlogs = new WeakMap<TcpConnection, TcpBacklog>()

  constructor(mux: TcpMux, agent: TcpAgent, address: string, ice: ConnectionInternals, facts: ConnectFacts) {
    super()
    this.#facts = facts
    this.#ice = ice
    this.#attachment = mux.attach(agent)
    const preference = { transport: 'tcp', tcptype: 'passive' } as const
    this.localIp = address
    this.localCandidate = new Candidate(
      candidateFoundation('host', 'tcp', address),
      1,
      'tcp',
      candidatePriority('host', preference),
      address,
      mux.port,
      'host',
      undefined,
      undefined,
      'passive',
      undefined,
      agent.ufrag,
    )
    // The port may have both families, although the candidate has one.
    this.localCandidate.canPairWith = ({ component, transport }) => component === 1 && transport === 'tcp'
    this.transport = this.#transport(address) as unknown as StunProtocol['transport']
  }

  #transport(address: string): Transport {
    const send: Transport['send'] = (packet, to) => {
      const connection = to === undefined ? undefined : this.#attachment.connectionFrom(...to)
      if (connection !== undefined) this.#facts.sent(packet, 'tcp')
      connection?.send(packet)
      return Promise.resolve()
    }
    return transportAt(address, this.#attachment.port, send)
  }

  /** werift repeats no check over TCP and waits 50 ms for the response, which is less than many round trips. */
  override async request(...call: Parameters<StunProtocol['request']>): ReturnType<StunProtocol['request']> {
    const [request, to, key, options] = call
    if (typeof options === 'object') return await super.request(...call)
    return await super.request(request, to, key, { retransmissions: 0, responseTimeout: CHECK_LIMIT_MS })
  }

  /** Undefined when it is closed. */
  connectionOf({ remoteCandidate: { host, port } }: PairInternals): TcpConnection | undefined {
    return this.#attachment.connectionFrom(host, port)
  }

  readonly kind = 'tcp'
  readonly isRelay = false

  /** False while packets that were sent before are long on their way. */
  hasRoom(connection: TcpConnection): boolean {
    const backlog =
      this.#backlogs.get(connection) ??
      new TcpBacklog(async () => await probePath(this, this.#ice, connection))
    this.#backlogs.set(connection, backlog)
    return backlog.hasRoom(performance.now())
  }

  [Symbol.dispose](): void {
    this.#attachment[Symbol.dispose]()
  }
}
