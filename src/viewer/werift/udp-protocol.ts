import { Candidate, candidateFoundation, candidatePriority, StunProtocol } from 'werift'
import type { MuxAgent, UdpMux } from '../transport/udp-mux.js'
import { muxTransport } from './socket-adapter.js'

/** werift's side of the shared UDP socket for one viewer. */
export class UdpProtocol extends StunProtocol {
  constructor(mux: UdpMux, agent: MuxAgent, address: string) {
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
    this.transport = muxTransport(mux, agent, address) as unknown as StunProtocol['transport']
  }
}
