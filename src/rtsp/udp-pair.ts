import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'

/** Sockets for RTP and RTCP, which receive from one address each. */
export interface UdpPair {
  readonly rtp: Socket
  readonly rtcp: Socket
  readonly ports: readonly [rtp: number, rtcp: number]
  close(): void
}

export interface UdpPeer {
  /** At which the client reached this server: packets leave from there. */
  localAddress: string
  remoteAddress: string
  remotePorts: readonly [rtp: number, rtcp: number]
}

const MAX_ATTEMPTS = 20

/** Binds an even port for RTP and the next one for RTCP (RFC 3550 section 11). @throws Error of the system. */
export async function openUdpPair({ localAddress, remoteAddress, remotePorts }: UdpPeer): Promise<UdpPair> {
  for (let attempt = 1; ; attempt++) {
    const rtp = await bound(0, localAddress)
    const { port } = rtp.address()
    const rtcp =
      port % 2 === 0
        ? await bound(port + 1, localAddress).catch((error: unknown) => asError(error))
        : undefined
    if (rtcp === undefined || rtcp instanceof Error) {
      rtp.close()
      if (attempt === MAX_ATTEMPTS) throw rtcp ?? new Error('no pair of UDP ports is free')
      continue
    }
    const close = (): void => {
      rtp.close()
      rtcp.close()
    }
    try {
      await Promise.all([
        connected(rtp, remotePorts[0], remoteAddress),
        connected(rtcp, remotePorts[1], remoteAddress),
      ])
    } catch (error) {
      close()
      throw error
    }
    // Such as ECONNREFUSED of a reader that has left: its session ends when it stays silent.
    for (const socket of [rtp, rtcp]) socket.on('error', () => {})
    return { rtp, rtcp, ports: [port, port + 1], close }
  }
}

async function bound(port: number, address: string): Promise<Socket> {
  const socket = createSocket({ type: isIPv6(address.replace(/%.*$/, '')) ? 'udp6' : 'udp4' })
  try {
    socket.bind(port, address)
    await once(socket, 'listening')
    return socket
  } catch (error) {
    socket.close()
    throw error
  }
}

async function connected(socket: Socket, port: number, address: string): Promise<void> {
  socket.connect(port, address)
  await once(socket, 'connect')
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))
