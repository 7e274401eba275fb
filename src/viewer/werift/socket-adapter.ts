import { isBindingRequest } from '../../lib/stun.js'
import { isStun } from '../transport/stun.js'
import type { MuxAgent, UdpMux } from '../transport/udp-mux.js'

/** What werift is given instead of a socket of its own; `closed` is its to set. */
export interface Transport {
  type: string
  socketType: string
  closed: boolean
  host: string
  port: number
  address: { address: string; port: number }
  onData: (datagram: Buffer) => void
  send(datagram: Buffer, to?: [host: string, port: number]): Promise<void>
  close(): Promise<void>
}

/** An agent's end of the one UDP socket; what comes in, the mux hands to the agent itself. */
export function muxTransport(mux: UdpMux, agent: MuxAgent, address: string): Transport {
  const send: Transport['send'] = (datagram, to) => {
    if (transport.closed || to === undefined) return Promise.resolve()
    const target = { address: to[0], port: to[1] }
    if (isStun(datagram) && isBindingRequest(datagram)) mux.sendCheck(agent, datagram, target)
    else mux.send(datagram, target)
    return Promise.resolve()
  }
  const transport = transportAt(address, mux.port, send)
  return transport
}

/** Two ends that hand each other what they are sent, in order and never at once. */
export function memoryPipe(): [Transport, Transport] {
  const ends: [Transport, Transport] = [
    transportAt('', 0, async (datagram) => await deliver(datagram, ends[1])),
    transportAt('', 0, async (datagram) => await deliver(datagram, ends[0])),
  ]
  return ends
}

async function deliver(datagram: Buffer, to: Transport): Promise<void> {
  await Promise.resolve()
  to.onData(datagram)
}

function transportAt(address: string, port: number, send: Transport['send']): Transport {
  const transport: Transport = {
    type: 'udp',
    socketType: 'udp4',
    closed: false,
    host: address,
    port,
    address: { address, port },
    onData: () => {},
    send,
    close: () => {
      transport.closed = true
      return Promise.resolve()
    },
  }
  return transport
}
