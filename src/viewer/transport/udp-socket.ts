import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { chooseSend, type SendImplementation, type UdpSend } from './fast-send.js'

const SOCKET_BUFFER_BYTES = 1024 * 1024
/** One second at 8 Mbit/s: later packets are useless. */
const MAX_QUEUED_BYTES = 1024 * 1024

/** What sends to a remote address. */
export interface LocalSocket {
  /** False when another socket has replaced it, which then sends what is sent here. */
  readonly isOpen: boolean
  /** Undefined for the wildcard address: the kernel chooses. */
  readonly localAddress?: string | undefined
  /** HOT: @returns false while the datagram is queued: its memory must not be reused. */
  send(datagram: Buffer, port: number, address: string): boolean
}

/** A remote address, and the local socket that its packets arrive on and are sent from. */
export interface Address {
  address: string
  port: number
  /** Undefined while nothing has arrived from it: the kernel then chooses the local address. */
  via?: LocalSocket | undefined
}

/** What all sockets of one media port share. */
export interface UdpEvents {
  onDatagram(datagram: Buffer, from: Address): void
  onError(error: Error): void
  /** A datagram was dropped, because too many wait for the kernel. */
  onNoRoom(): void
}

/** One bound UDP socket with a bounded send queue. */
export class UdpSocket implements LocalSocket, AsyncDisposable {
  readonly #socket: Socket
  readonly #sendNow: UdpSend
  readonly #events: UdpEvents
  readonly #isIpv6: boolean
  readonly #isDual: boolean
  readonly port: number
  readonly localAddress: string | undefined
  readonly sendImplementation: SendImplementation
  #isQueueing = false
  #successor: LocalSocket | undefined

  constructor(socket: Socket, events: UdpEvents) {
    const { address, port, family } = socket.address()
    const { sendNow, implementation } = chooseSend(socket)
    this.#socket = socket
    this.#sendNow = sendNow
    this.#events = events
    this.#isIpv6 = family === 'IPv6'
    this.#isDual = address === '::'
    this.port = port
    this.localAddress = address === '::' || address === '0.0.0.0' ? undefined : address
    this.sendImplementation = implementation
    // Without a listener an ICMP error about one lost packet would end the process.
    socket.on('error', (error) => events.onError(error))
    socket.on('message', (datagram, from) => events.onDatagram(datagram, this.#addressOf(from)))
  }

  get isOpen(): boolean {
    return this.#successor === undefined
  }

  /** Whether this socket can send to the family of an address. */
  canSendTo(address: string): boolean {
    return this.#isDual || address.includes(':') === this.#isIpv6
  }

  /** HOT: @returns false while the datagram is queued: its memory must not be reused. */
  send(datagram: Buffer, port: number, address: string): boolean {
    if (this.#successor !== undefined) return this.#successor.send(datagram, port, address)
    if (this.#isQueueing && !this.#hasRoom()) {
      this.#events.onNoRoom()
      return true
    }
    const isMapped = this.#isIpv6 && address.includes('.')
    const isSent = this.#sendNow(datagram, port, isMapped ? `::ffff:${address}` : address)
    if (!isSent) this.#isQueueing = true
    return isSent
  }

  #hasRoom(): boolean {
    const waitingBytes = this.#socket.getSendQueueSize()
    this.#isQueueing = waitingBytes > 0
    return waitingBytes < MAX_QUEUED_BYTES
  }

  /** Without the zone of a link-local address: the socket is bound to its link. */
  #addressOf({ address, port }: RemoteInfo): Address {
    const bare = this.#isIpv6 ? address.replace(/^::ffff:(?=.*\.)|%.*$/g, '') : address
    return { address: bare, port, via: this }
  }

  /** Closes the socket. A viewer whose path it was is sent its packets by `successor` until it checks another path. */
  replaceBy(successor: LocalSocket): void {
    this.#successor = successor
    this.#socket.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#socket, 'close')
    this.#socket.close()
    await closed
  }
}

export interface BindOptions {
  port: number
  /** IPv4, or IPv6 with the zone of a link-local address; `::` accepts both. */
  address: string
  /** Lets further sockets bind the same port at other addresses. */
  isShared: boolean
}

/** @throws Error (EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT) at once: nothing waits for the resolver. */
export function bindUdpSocket({ port, address, isShared }: BindOptions): Socket {
  const type = address.includes(':') ? 'udp6' : 'udp4'
  const socket = createSocket({
    type,
    reuseAddr: isShared,
    recvBufferSize: SOCKET_BUFFER_BYTES,
    sendBufferSize: SOCKET_BUFFER_BYTES,
    // Addresses are numeric: saves the resolver for each packet, and binds synchronously.
    lookup: (host, _options, answer) => answer(null, host, type === 'udp6' ? 6 : 4),
  })
  let failure: Error | undefined
  const fail = (error: Error): void => void (failure = error)
  socket.on('error', fail)
  socket.bind(port, address)
  if (failure !== undefined) {
    socket.close()
    throw failure
  }
  socket.off('error', fail)
  return socket
}
