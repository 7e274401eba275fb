import { Candidate, candidateFoundation, candidatePriority, StunProtocol } from 'werift'
import type { TcpConnection } from '../transport/tcp-connection.js'
import type { TcpAgent, TcpAttachment, TcpMux } from '../transport/tcp-mux.js'
import type { PairInternals } from './internals.js'
import { transportAt, type Transport } from './socket-adapter.js'

/** RFC 6544 section 7.2 has nothing lost, only delayed; a later check of the client starts another one of ours. */
const CHECK_LIMIT_MS = 3000

/** werift's side of one viewer's TCP connections: a passive candidate (RFC 6544). */
export class TcpProtocol extends StunProtocol implements Disposable {
  readonly #attachment: TcpAttachment

  constructor(mux: TcpMux, agent: TcpAgent, address: string) {
    super()
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
    this.transport = this.#transport(address) as unknown as StunProtocol['transport']
  }

  #transport(address: string): Transport {
    const send: Transport['send'] = (packet, to) => {
      if (to !== undefined) this.#attachment.connectionFrom(...to)?.send(packet)
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

  [Symbol.dispose](): void {
    this.#attachment[Symbol.dispose]()
  }
}
