import { Candidate, candidateFoundation, candidatePriority, type StunProtocol } from 'werift'
import type { ConnectFacts } from '../connecting/connect-facts.js'
import type { MuxAgent, UdpMux } from '../transport/udp-mux.js'
import { CheckProtocol } from './check-protocol.js'
import { muxTransport } from './socket-adapter.js'

/** werift's side of the shared UDP port for one viewer. */
export class UdpProtocol extends CheckProtocol {
  constructor(mux: UdpMux, agent: MuxAgent, address: string, facts: ConnectFacts) {
    super()
    this.localIp = address
    this.localCandidate = new Candidate(
      candidateFoundation('host', 'udp', address),
      1,
      'udp',
      candidatePriority('host', { transport: 'udp' }),
      address,
      mux.port,
      'host',
      undefined,
      undefined,
      undefined,
      undefined,
      agent.ufrag,
    )
    // The socket may have both families, although the candidate has one.
    this.localCandidate.canPairWith = ({ host, component, transport }) =>
      component === 1 && transport === 'udp' && mux.canSendTo(host)
    const transport = muxTransport(mux, agent, address, (datagram) => facts.sent(datagram, 'udp'))
    this.transport = transport as unknown as StunProtocol['transport']
  }
}
