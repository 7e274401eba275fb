import type { Socket } from 'node:net'
import { plainAddress } from '../../lib/plain-address.js'
import { FrameReader, writeFrame } from './rfc4571-frames.js'

/**
 * What waits in Node.js for a slow client, beyond the send buffer of the kernel: one second at 2 Mbit/s, and more than a keyframe of
 * most cameras.
 */
const MAX_QUEUED_BYTES = 256 * 1024
/** Longer than any packet that fits into an Ethernet frame, which is what UDP clients send. */
const MAX_PACKET_BYTES = 2048
/** USERNAME has up to 513 bytes (RFC 8839 section 5.4), the other attributes of a check 100. */
const MAX_FIRST_PACKET_BYTES = 800
/** Browsers check a path every 2 to 6 seconds. */
const IDLE_TIMEOUT_MS = 30_000
/** Without progress, from our side. */
const FINISH_LIMIT_MS = 1000

export interface TcpConnectionEvents {
  /** @returns whether the connection may stay. */
  onPacket: (packet: Buffer) => boolean
  onClosed: () => void
}

/** One TCP connection of a client: packets in RFC 4571 frames. */
export class TcpConnection {
  readonly address: string
  readonly port: number
  readonly #socket: Socket
  readonly #reader = new FrameReader()
  #isTrusted = false
  #isCorked = false
  /** Packets that were dropped because too much waits. */
  dropped = 0

  constructor(socket: Socket, { onPacket, onClosed }: TcpConnectionEvents) {
    this.#socket = socket
    this.address = plainAddress(socket.remoteAddress ?? '')
    this.port = socket.remotePort ?? 0
    const maxBytes = (): number => (this.#isTrusted ? MAX_PACKET_BYTES : MAX_FIRST_PACKET_BYTES)
    socket.on('data', (chunk: Buffer) => {
      if (
        !socket.destroyed &&
        !this.#reader.read(chunk, maxBytes, (packet) => onPacket(packet) && !socket.destroyed)
      )
        socket.destroy()
    })
    socket.on('error', () => {}) // a reset; 'close' follows
    socket.on('end', () => socket.destroy()) // does not wait until a client reads what is queued
    socket.on('timeout', () => socket.destroy())
    socket.on('close', onClosed)
  }

  /** Its first check was authenticated. */
  trust(): void {
    this.#isTrusted = true
    this.#socket.setTimeout(IDLE_TIMEOUT_MS)
  }

  /** Once per packet: drops the whole packet if too much waits. The memory may be reused at once. */
  send(packet: Buffer): true {
    const socket = this.#socket
    if (!socket.writable) return true
    if (socket.writableLength > MAX_QUEUED_BYTES) {
      this.dropped++
      return true
    }
    if (!this.#isCorked) this.#cork()
    socket.write(writeFrame(packet))
    return true
  }

  /** Packets of one turn of the event loop share a system call. */
  #cork(): void {
    this.#isCorked = true
    this.#socket.cork()
    queueMicrotask(() => {
      this.#isCorked = false
      this.#socket.uncork()
    })
  }

  get queuedBytes(): number {
    return this.#socket.writableLength
  }

  close(): void {
    this.#socket.destroy()
  }

  /** Closes when the client has read what is queued, or does not read on. */
  finish(): void {
    this.#socket.setTimeout(FINISH_LIMIT_MS)
    this.#socket.destroySoon()
  }
}
