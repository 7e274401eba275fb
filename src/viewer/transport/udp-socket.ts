import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIP } from 'node:net'
import { ReusedBuffer } from '../../lib/reused-buffer.js'
import type { Destination } from '../../udp/destination.js'
import type { FfiLibrary } from '../../udp/libc.js'
import type { SendBatch } from '../../udp/send-batch.js'
import type { UdpBatches } from '../../udp/udp-batches.js'
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
  /** HOT: copies the datagram, which may wait until the batches are flushed. */
  sendBatched(datagram: Buffer, to: Address): void
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

/** What `openUdpBatches` has chosen. */
export type SocketBatches = Pick<UdpBatches, 'via' | 'openSend' | 'destination'>

/** One bound UDP socket with a bounded send queue. */
export class UdpSocket implements LocalSocket, AsyncDisposable {
  readonly #socket: Socket
  readonly #sendNow: UdpSend
  readonly #events: UdpEvents
  readonly #isIpv6: boolean
  readonly #isDual: boolean
  readonly port: number
  readonly localAddress: string | undefined
  readonly sendImplementation: SendImplementation | FfiLibrary
  readonly #batches: SocketBatches | undefined
  /** Opened for the first media: undefined before, null if this socket has none. */
  #batch: SendBatch | null | undefined
  /** null: not in a batch. */
  readonly #destinations = new WeakMap<Address, Destination | null>()
  readonly #copy = new ReusedBuffer()
  #isQueueing = false
  #successor: LocalSocket | undefined

  constructor(socket: Socket, events: UdpEvents, batches?: SocketBatches) {
    const { address, port, family } = socket.address()
    const { sendNow, implementation } = chooseSend(socket)
    this.#socket = socket
    this.#sendNow = sendNow
    this.#events = events
    this.#isIpv6 = family === 'IPv6'
    this.#isDual = address === '::'
    this.port = port
    this.localAddress = address === '::' || address === '0.0.0.0' ? undefined : address
    this.#batches = batches
    this.sendImplementation = batches?.via ?? implementation
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

  /** HOT: copies the datagram, which may wait until the batches are flushed. */
  sendBatched(datagram: Buffer, to: Address): void {
    if (this.#successor !== undefined) return this.#successor.sendBatched(datagram, to)
    const batch = this.#batch === undefined ? this.#openBatch() : this.#batch
    if (batch === null) return this.#sendCopy(datagram, to)
    const known = this.#destinations.get(to)
    const destination = known === undefined ? this.#addDestination(to) : known
    if (destination === null || this.#isQueueing) {
      batch.flush() // in order
      return this.#sendCopy(datagram, to)
    }
    batch.add(datagram, destination)
  }

  /** HOT */
  #sendCopy(datagram: Buffer, { port, address }: Address): void {
    const copy = this.#copy.first(datagram.length)
    copy.set(datagram)
    if (!this.send(copy, port, address)) this.#copy.replace()
  }

  #openBatch(): SendBatch | null {
    this.#batch =
      this.#batches?.openSend(this.#socket, {
        isIpv6: this.#isIpv6,
        sendSingly: (datagram, { port, address }) => void this.send(datagram, port, address),
      }) ?? null
    return this.#batch
  }

  #addDestination(to: Address): Destination | null {
    const { address, port } = to
    const isUsable = isIP(address) !== 0 && this.canSendTo(address) && !address.includes('%')
    const destination = isUsable ? this.#batches!.destination(address, port, this.#isIpv6) : null
    this.#destinations.set(to, destination)
    return destination
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
