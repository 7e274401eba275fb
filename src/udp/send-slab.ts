import { openArena, ArenaPlan, type Arena } from './arena.js'
import type { Destination } from './destination.js'
import { SOL_UDP, UDP_SEGMENT, type Libc } from './libc.js'
import type { Layout } from './layout.js'

/** 32 viewers and 8 packets of a frame. It fits into the second level cache of a Pi 5. */
export const SEND_SLOTS = 256
/** Protected packets of the pipelines have up to 1250 bytes, those of other programs mostly fit into an Ethernet frame. */
export const SLOT_BYTES = 1536

/** Memory for datagrams, and for the structures with which one sendmmsg(2) sends them. */
export class SendSlab {
  readonly #layout: Layout
  readonly #arena: Arena
  readonly #nameBytes: number
  readonly #messagesAt: number
  readonly #vectorsAt: number
  readonly #controlsAt: number
  readonly #namesAt: number
  readonly #slotsAt: number

  /** @throws Error without usable memory. */
  constructor(libc: Pick<Libc, 'addressOf'>, layout: Layout, nameBytes: number) {
    const plan = new ArenaPlan()
    this.#layout = layout
    this.#nameBytes = nameBytes
    this.#messagesAt = plan.words(SEND_SLOTS * layout.message.words)
    this.#vectorsAt = plan.words(SEND_SLOTS * layout.vector.words)
    this.#controlsAt = plan.words(SEND_SLOTS * layout.control.words)
    this.#namesAt = plan.part(SEND_SLOTS * nameBytes)
    this.#slotsAt = plan.part(SEND_SLOTS * SLOT_BYTES)
    this.#arena = openArena(libc, plan.bytes)
    this.#writeConstants()
  }

  #writeConstants(): void {
    const { message, vector, control, wordsPerPointer } = this.#layout
    const { words } = this.#arena
    for (let i = 0; i < SEND_SLOTS; i++) {
      const at = this.#messagesAt + i * message.words
      this.#writeAddress(at + message.name, this.#namesAt + i * this.#nameBytes)
      words[at + message.nameBytes] = this.#nameBytes
      const controlAt = this.#controlsAt + i * control.words
      words[controlAt + control.bytes] = control.usedBytes
      words[controlAt + control.level] = SOL_UDP
      words[controlAt + control.type] = UDP_SEGMENT
      if (wordsPerPointer === 1) continue
      for (const pointer of [message.vectors, message.control]) words[at + pointer + 1] = this.#arena.high
      words[this.#vectorsAt + i * vector.words + vector.base + 1] = this.#arena.high
    }
  }

  #writeAddress(word: number, byte: number): void {
    this.#arena.words[word] = this.#arena.lowAt(byte)
    if (this.#layout.wordsPerPointer === 2) this.#arena.words[word + 1] = this.#arena.high
  }

  /** HOT */
  writeDatagram(slot: number, datagram: Buffer): void {
    this.#arena.bytes.set(datagram, this.#slotsAt + slot * SLOT_BYTES)
  }

  /** HOT: a piece of a message. */
  writeVector(index: number, slot: number, bytes: number): void {
    const { words, base, bytes: bytesAt } = this.#layout.vector
    const at = this.#vectorsAt + index * words
    this.#arena.words[at + base] = this.#arena.lowAt(this.#slotsAt + slot * SLOT_BYTES)
    this.#arena.words[at + bytesAt] = bytes
  }

  /** HOT: @param vectors one or several pieces. @param segmentBytes of each datagram; several are cut from the pieces. */
  writeMessage(
    index: number,
    to: Destination,
    firstVector: number,
    vectors: number,
    segmentBytes: number,
  ): void {
    const { message, vector, control } = this.#layout
    const { words, bytes } = this.#arena
    const at = this.#messagesAt + index * message.words
    bytes.set(to.name, this.#namesAt + index * this.#nameBytes)
    words[at + message.vectors] = this.#arena.lowAt((this.#vectorsAt + firstVector * vector.words) * 4)
    words[at + message.vectorCount] = vectors
    const controlAt = this.#controlsAt + index * control.words
    if (vectors > 1) {
      words[controlAt + control.value] = segmentBytes
      words[at + message.control] = this.#arena.lowAt(controlAt * 4)
      words[at + message.controlBytes] = control.words * 4
    } else words[at + message.controlBytes] = 0
  }

  /** The `struct mmsghdr` of a message. */
  addressOf(message: number): bigint {
    return this.#arena.address + BigInt((this.#messagesAt + message * this.#layout.message.words) * 4)
  }

  /** A copy of a datagram. */
  copyOf(slot: number, bytes: number): Buffer {
    const at = this.#slotsAt + slot * SLOT_BYTES
    return Buffer.from(this.#arena.bytes.subarray(at, at + bytes))
  }
}
