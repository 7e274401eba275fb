import type { Socket } from 'node:dgram'
import { Destination } from './destination.js'
import type { Layout } from './layout.js'
import type { FfiLibrary, Libc } from './libc.js'
import { ReceiveBatch } from './receive-batch.js'
import { SendBatch, type BatchSocket } from './send-batch.js'
import { eventsOf, fdOf, type SocketEvents } from './socket-fd.js'

/** The C library's functions, of which a self-test has shown that they work here. */
export interface ProvenLibc {
  libc: Libc
  layout: Layout
  /** Whether the kernel knows UDP_SEGMENT. A network device may refuse it nevertheless. */
  segments: boolean
}

export interface Sender {
  address: string
  port: number
}

/**
 * HOT: hands on what waits in a socket, in the order of arrival.
 * @param onDatagram gets memory of its own. @returns how many there were; 0 if none waits.
 */
export type ReadWaiting = (onDatagram: (datagram: Buffer, from: Sender) => void) => number

/** Several datagrams per system call, for all sockets of the process; without a C library, none. */
export class UdpBatches {
  readonly #proven: ProvenLibc | undefined
  #received: ReceiveBatch | undefined
  readonly #waiting: SendBatch[] = []
  readonly #noteWaiting = (batch: SendBatch): void => void this.#waiting.push(batch)

  constructor(proven?: ProvenLibc) {
    this.#proven = proven
  }

  /** Undefined: one system call per datagram. */
  get via(): FfiLibrary | undefined {
    return this.#proven?.libc.via
  }

  /** Undefined if datagrams of this socket have to be sent one by one. */
  openSend(socket: Socket, about: Omit<BatchSocket, 'fd'>): SendBatch | undefined {
    const fd = this.#proven === undefined ? undefined : fdOf(socket)
    if (fd === undefined) return undefined
    const { libc, layout } = this.#proven!
    try {
      return new SendBatch(libc, layout, { ...about, fd }, this.#noteWaiting)
    } catch {
      return undefined // no memory that can be used
    }
  }

  /** @param address an IP address without zone; on an IPv6 socket, IPv4 is mapped. */
  destination(address: string, port: number, isIpv6Socket: boolean): Destination {
    return new Destination(address, port, isIpv6Socket, this.#proven?.segments === true)
  }

  /** Undefined if the datagrams of this IPv4 socket have to be read one by one. */
  reader(socket: Socket): ReadWaiting | undefined {
    const fd = this.#proven === undefined ? undefined : fdOf(socket)
    if (fd === undefined) return undefined
    const { libc, layout } = this.#proven!
    try {
      this.#received ??= new ReceiveBatch(libc, layout)
    } catch {
      return undefined
    }
    return readerOf(this.#received, fd)
  }

  /** Undefined if datagrams of this socket cannot be read without waking the event loop. */
  events(socket: Socket): SocketEvents | undefined {
    return this.#proven === undefined ? undefined : eventsOf(socket)
  }

  /** For a warm-up: others that do everything but the system call that sends. */
  withoutSending(): UdpBatches {
    if (this.#proven === undefined) return this
    const { libc, layout, segments } = this.#proven
    const sendmmsg: Libc['sendmmsg'] = (_fd, _messages, count) => count
    return new UdpBatches({ libc: { ...libc, sendmmsg }, layout, segments })
  }

  /** HOT: sends what waits on all sockets. Called at the end of each wake-up that sent something. */
  flush(): void {
    const waiting = this.#waiting
    if (waiting.length === 0) return
    for (let i = 0; i < waiting.length; i++) waiting[i]!.flush()
    waiting.length = 0
  }
}

function readerOf(batch: ReceiveBatch, fd: () => number): ReadWaiting {
  const from: Sender = { address: '', port: 0 }
  return (onDatagram) => {
    const open = fd()
    const received = open < 0 ? 0 : batch.receive(open)
    for (let i = 0; i < received; i++) {
      from.address = batch.addressOf(i)
      from.port = batch.portOf(i)
      onDatagram(batch.copyOf(i), from)
    }
    return received
  }
}
