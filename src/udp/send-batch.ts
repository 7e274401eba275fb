import type { Destination } from './destination.js'
import type { Layout } from './layout.js'
import {
  EAGAIN,
  ECONNREFUSED,
  EINTR,
  EINVAL,
  EIO,
  EMSGSIZE,
  ENOBUFS,
  MSG_DONTWAIT,
  type Libc,
} from './libc.js'
import { SEND_SLOTS, SendSlab, SLOT_BYTES } from './send-slab.js'
import { IPV4_NAME_BYTES, IPV6_NAME_BYTES } from './socket-address.js'

/** Of one message with UDP_SEGMENT: UDP_MAX_SEGMENTS before Linux 6.10, and what one IPv4 datagram carries (65,507 bytes). */
const MAX_SEGMENTS = 64
const MAX_SEGMENTED_BYTES = 65_000

/** The socket below a batch. */
export interface BatchSocket {
  readonly isIpv6: boolean
  /** Negative when it is closed. */
  fd(): number
  /** Sends one datagram, or queues it within limits when the kernel has no room. Its memory is not used again. */
  sendSingly(datagram: Buffer, to: Destination): void
}

/**
 * Datagrams that leave one socket together, in one system call for up to 256 of them. Several of one size for one destination are one
 * message, which the kernel cuts (UDP_SEGMENT). Nothing waits longer than until `flush`.
 */
export class SendBatch {
  readonly #libc: Libc
  readonly #socket: BatchSocket
  readonly #slab: SendSlab
  readonly #firstMessage: bigint
  readonly #onFirst: (batch: SendBatch) => void
  readonly #lengths = new Uint16Array(SEND_SLOTS)
  /** The next slot of the same destination. */
  readonly #next = new Int16Array(SEND_SLOTS)
  readonly #targets: (Destination | undefined)[] = new Array<Destination | undefined>(SEND_SLOTS).fill(
    undefined,
  )
  /** Of each message: its destination, its pieces, and the slot of each piece. */
  readonly #destinations: (Destination | undefined)[] = new Array<Destination | undefined>(SEND_SLOTS).fill(
    undefined,
  )
  readonly #firstVectors = new Uint16Array(SEND_SLOTS)
  readonly #vectorCounts = new Uint16Array(SEND_SLOTS)
  readonly #slots = new Uint16Array(SEND_SLOTS)
  #used = 0
  #targetCount = 0
  #gathered = 0
  /** Messages that the kernel refused, such as for want of a route. */
  failed = 0

  /** @param onFirst called when the first datagram waits. @throws Error without usable memory. */
  constructor(libc: Libc, layout: Layout, socket: BatchSocket, onFirst: (batch: SendBatch) => void) {
    this.#libc = libc
    this.#socket = socket
    this.#slab = new SendSlab(libc, layout, socket.isIpv6 ? IPV6_NAME_BYTES : IPV4_NAME_BYTES)
    this.#firstMessage = this.#slab.addressOf(0)
    this.#onFirst = onFirst
  }

  /** HOT: copies the datagram. */
  add(datagram: Buffer, to: Destination): void {
    const bytes = datagram.length
    if (bytes > SLOT_BYTES) {
      this.flush() // in order
      this.#socket.sendSingly(Buffer.from(datagram), to)
      return
    }
    if (this.#used === SEND_SLOTS) this.flush()
    const slot = this.#used++
    if (slot === 0) this.#onFirst(this)
    this.#slab.writeDatagram(slot, datagram)
    this.#lengths[slot] = bytes
    this.#next[slot] = -1
    if (to.last < 0) {
      this.#targets[this.#targetCount++] = to
      to.first = slot
    } else this.#next[to.last] = slot
    to.last = slot
  }

  /** HOT: sends what waits. */
  flush(): void {
    if (this.#used === 0) return
    let messages = 0
    let vectors = 0
    for (let i = 0; i < this.#targetCount; i++) {
      const to = this.#targets[i]!
      this.#targets[i] = undefined
      for (let slot = to.first; slot >= 0; messages++) {
        const first = vectors
        slot = this.#writeVectors(first, slot, to.segments)
        vectors = first + this.#gathered
        this.#writeMessage(messages, to, first, this.#gathered)
      }
      to.first = -1
      to.last = -1
    }
    this.#targetCount = 0
    this.#used = 0
    this.#send(messages)
  }

  /**
   * HOT: gathers datagrams for one message, all but the last of the same size, and none larger than the first.
   * @returns the slot after them; `#gathered` is their number.
   */
  #writeVectors(first: number, from: number, segments: boolean): number {
    const segmentBytes = this.#lengths[from]!
    let slot = from
    let total = 0
    let count = 0
    let bytes: number
    do {
      bytes = this.#lengths[slot]!
      this.#slab.writeVector(first + count, slot, bytes)
      this.#slots[first + count] = slot
      total += bytes
      count++
      slot = this.#next[slot]!
    } while (
      slot >= 0 &&
      segments &&
      bytes === segmentBytes &&
      count < MAX_SEGMENTS &&
      this.#lengths[slot]! <= segmentBytes &&
      total + this.#lengths[slot]! <= MAX_SEGMENTED_BYTES
    )
    this.#gathered = count
    return slot
  }

  /** HOT */
  #writeMessage(index: number, to: Destination, firstVector: number, vectors: number): void {
    this.#slab.writeMessage(index, to, firstVector, vectors, this.#lengths[this.#slots[firstVector]!]!)
    this.#destinations[index] = to
    this.#firstVectors[index] = firstVector
    this.#vectorCounts[index] = vectors
  }

  /** HOT: sendmmsg(2) stops at the first message that fails, and reports the error only if that is the first of the call. */
  #send(messages: number): void {
    const fd = this.#socket.fd()
    if (fd < 0) return
    const sent = this.#libc.sendmmsg(fd, this.#firstMessage, messages, MSG_DONTWAIT)
    if (sent !== messages) this.#sendRest(fd, Math.max(sent, 0), messages, sent < 0)
  }

  /** @param hasFailed whether the last call reported an error of the message `from`. */
  #sendRest(fd: number, from: number, messages: number, hasFailed: boolean): void {
    let isRetry = false
    while (from < messages) {
      let sent = -1
      if (!hasFailed)
        sent = this.#libc.sendmmsg(fd, this.#slab.addressOf(from), messages - from, MSG_DONTWAIT)
      hasFailed = false
      if (sent > 0) {
        from += sent
        isRetry = false
        continue
      }
      const errno = sent < 0 ? this.#libc.errno() : 0
      if (errno === EAGAIN || errno === ENOBUFS) {
        for (; from < messages; from++) this.#sendSingly(from)
        return
      }
      // An ICMP error of an earlier datagram, perhaps of another destination: the kernel reports it once.
      if ((errno === ECONNREFUSED || errno === EINTR) && !isRetry) {
        isRetry = true
        continue
      }
      this.#onRefused(from, errno)
      isRetry = false
      from++
    }
  }

  /** Another destination must not lose anything. */
  #onRefused(message: number, errno: number): void {
    const to = this.#destinations[message]!
    if (this.#vectorCounts[message]! > 1 && isAboutSegments(errno)) {
      to.segments = false
      this.#sendSingly(message)
    } else this.failed++
  }

  #sendSingly(message: number): void {
    const first = this.#firstVectors[message]!
    for (let i = first; i < first + this.#vectorCounts[message]!; i++) {
      const slot = this.#slots[i]!
      this.#socket.sendSingly(this.#slab.copyOf(slot, this.#lengths[slot]!), this.#destinations[message]!)
    }
  }
}

/**
 * EIO: the network device computes no checksums (before Linux 6.11), or IPsec. EINVAL, newer EMSGSIZE: a segment does not fit into
 * the path's MTU, while single datagrams are fragmented.
 */
const isAboutSegments = (errno: number): boolean => errno === EIO || errno === EINVAL || errno === EMSGSIZE
