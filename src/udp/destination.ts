import { socketAddress } from './socket-address.js'

/** Where the datagrams of one viewer go, and those of them that wait in a send batch. It belongs to one batch. */
export class Destination {
  readonly address: string
  readonly port: number
  /** `struct sockaddr` */
  readonly name: Buffer
  /** Whether the kernel may cut one large datagram into several for it (UDP_SEGMENT). */
  segments: boolean
  /** Slots of the batch; -1: nothing waits. */
  first = -1
  last = -1

  constructor(address: string, port: number, isIpv6Socket: boolean, segments: boolean) {
    this.address = address
    this.port = port
    this.name = socketAddress(address, port, isIpv6Socket)
    this.segments = segments
  }
}
