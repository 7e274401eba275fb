import { openArena, ArenaPlan, type Arena } from './arena.js'
import type { Layout } from './layout.js'
import { MSG_DONTWAIT, type Libc } from './libc.js'
import { addressAt, IPV4_NAME_BYTES, portAt } from './socket-address.js'

/** A frame of most cameras; what is left waits for the next call. */
export const RECEIVE_SLOTS = 32
/** The largest UDP datagram. Not a power of two: the slots would share a few lines of the CPU cache. */
const SLOT_BYTES = 0x10000 + 0x540

/** Reads several datagrams of an IPv4 socket in one system call. One for all sockets: what it read is valid until the next call. */
export class ReceiveBatch {
  readonly #libc: Libc
  readonly #layout: Layout
  readonly #arena: Arena
  readonly #messagesAt: number
  readonly #namesAt: number
  readonly #slotsAt: number
  readonly #firstMessage: bigint

  /** @throws Error without usable memory. */
  constructor(libc: Libc, layout: Layout) {
    const plan = new ArenaPlan()
    const { message, vector } = layout
    this.#libc = libc
    this.#layout = layout
    this.#messagesAt = plan.words(RECEIVE_SLOTS * message.words)
    const vectorsAt = plan.words(RECEIVE_SLOTS * vector.words)
    this.#namesAt = plan.part(RECEIVE_SLOTS * IPV4_NAME_BYTES)
    this.#slotsAt = plan.part(RECEIVE_SLOTS * SLOT_BYTES)
    this.#arena = openArena(libc, plan.bytes)
    this.#firstMessage = this.#arena.address + BigInt(this.#messagesAt * 4)
    for (let i = 0; i < RECEIVE_SLOTS; i++) {
      const at = this.#messagesAt + i * message.words
      const vectorAt = vectorsAt + i * vector.words
      this.#writeAddress(at + message.name, this.#namesAt + i * IPV4_NAME_BYTES)
      this.#writeAddress(at + message.vectors, vectorAt * 4)
      this.#writeAddress(vectorAt + vector.base, this.#slotsAt + i * SLOT_BYTES)
      this.#arena.words[at + message.vectorCount] = 1
      this.#arena.words[vectorAt + vector.bytes] = SLOT_BYTES
      this.#arena.words[at + message.nameBytes] = IPV4_NAME_BYTES
    }
  }

  #writeAddress(word: number, byte: number): void {
    this.#arena.words[word] = this.#arena.lowAt(byte)
    if (this.#layout.wordsPerPointer === 2) this.#arena.words[word + 1] = this.#arena.high
  }

  /** HOT: never waits. @returns how many were read; 0 also after an error. */
  receive(fd: number): number {
    const received = this.#libc.recvmmsg(fd, this.#firstMessage, RECEIVE_SLOTS, MSG_DONTWAIT)
    return received > 0 ? Math.min(received, RECEIVE_SLOTS) : 0
  }

  /** HOT: memory of its own. @param index of the last call. */
  copyOf(index: number): Buffer {
    const { words, datagramBytes } = this.#layout.message
    const bytes = Math.min(this.#arena.words[this.#messagesAt + index * words + datagramBytes]!, SLOT_BYTES)
    const from = this.#slotsAt + index * SLOT_BYTES
    const copy = Buffer.allocUnsafe(bytes)
    this.#arena.bytes.copy(copy, 0, from, from + bytes)
    return copy
  }

  /** HOT */
  portOf(index: number): number {
    return portAt(this.#arena.bytes, this.#namesAt + index * IPV4_NAME_BYTES)
  }

  /** HOT */
  addressOf(index: number): string {
    return addressAt(this.#arena.bytes, this.#namesAt + index * IPV4_NAME_BYTES)
  }
}
