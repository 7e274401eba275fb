import { isBindingRequest } from '../../lib/stun.js'
import { isStun } from '../transport/stun.js'
import type { MuxAgent, UdpMux } from '../transport/udp-mux.js'

/** The socket interface of werift, which sets `closed`. */
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

/**
 * For sending only: the mux delivers datagrams to the agent.
 * @param onSend called before each datagram, of which none is media.
 */
export function muxTransport(
  mux: UdpMux,
  agent: MuxAgent,
  address: string,
  onSend: (datagram: Buffer) => void = () => {},
): Transport {
  const send: Transport['send'] = (datagram, to) => {
    if (transport.closed || to === undefined) return Promise.resolve()
    const target = { address: to[0], port: to[1] }
    onSend(datagram)
    if (isStun(datagram) && isBindingRequest(datagram)) mux.sendCheck(agent, datagram, target)
    else mux.send(datagram, mux.pathTo(target))
    return Promise.resolve()
  }
  const transport = transportAt(address, mux.port, send)
  return transport
}

/** Two connected ends that deliver in order and asynchronously. */
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

export function transportAt(address: string, port: number, send: Transport['send']): Transport {
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
