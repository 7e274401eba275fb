import type { Socket } from 'node:net'
import { TokenBucket } from '../lib/rate-limit.js'
import { RTCP_RATE, type MediaOutput } from './media-output.js'
import type { InterleavedFrame } from './message-reader.js'

/** Further packets stay in the history of the camera, and are dropped there as whole frames. */
const MAX_UNSENT_BYTES = 256 * 1024
/** Packets are written into one block after another; the kernel reads from there. */
const BLOCK_BYTES = 64 * 1024
const FRAME_START = 0x24
const FRAME_HEADER_BYTES = 4

/** Packets between the responses, on the TCP connection of the requests (RFC 2326 section 10.12). */
export class InterleavedOutput implements MediaOutput {
  readonly transport = 'tcp'
  readonly header: string
  readonly #socket: Socket
  readonly #channels: readonly [rtp: number, rtcp: number]
  readonly #rtcp = new TokenBucket(RTCP_RATE, performance.now())
  #block = Buffer.alloc(0)
  #written = 0
  #used = 0
  #isClosed = false
  #progressAtMs = performance.now()
  onRtcp: (compound: Buffer) => void = () => {}

  constructor(socket: Socket, channels: readonly [rtp: number, rtcp: number]) {
    this.#socket = socket
    this.#channels = channels
    this.header = `RTP/AVP/TCP;unicast;interleaved=${channels.join('-')}`
  }

  hasRoom(): boolean {
    return this.#socket.writableLength < MAX_UNSENT_BYTES
  }

  /** A reader that reads is there. */
  get lastHeardAtMs(): number {
    return this.#socket.writableLength === 0 ? performance.now() : this.#progressAtMs
  }

  noteRequest(): void {}

  /** HOT: once per packet and reader. */
  sendRtp(header: Buffer, payload: Buffer): void {
    const at = this.#reserve(this.#channels[0], header.length + payload.length)
    header.copy(this.#block, at)
    payload.copy(this.#block, at + header.length)
  }

  /** HOT: @returns where a packet of this length begins in the block. */
  #reserve(channel: number, length: number): number {
    const bytes = FRAME_HEADER_BYTES + length
    if (this.#used + bytes > this.#block.length) {
      this.flush()
      this.#block = Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, bytes))
      this.#written = this.#used = 0
    }
    const at = this.#used
    this.#block[at] = FRAME_START
    this.#block[at + 1] = channel
    this.#block[at + 2] = length >>> 8
    this.#block[at + 3] = length
    this.#used += bytes
    return at + FRAME_HEADER_BYTES
  }

  /** HOT: once per wake-up and reader. */
  flush(): void {
    if (this.#written === this.#used) return
    const bytes = this.#block.subarray(this.#written, this.#used)
    this.#written = this.#used
    if (this.#isClosed || !this.#socket.writable) return
    if (this.#socket.writableLength === 0) this.#progressAtMs = performance.now()
    this.#socket.write(bytes, this.#noteProgress)
  }

  readonly #noteProgress = (): void => {
    this.#progressAtMs = performance.now()
  }

  sendRtcp(compound: Buffer): void {
    compound.copy(this.#block, this.#reserve(this.#channels[1], compound.length))
    this.flush()
  }

  /** A frame of the client: RTCP, or nothing that is of use. */
  onFrame({ channel, data }: InterleavedFrame): void {
    if (channel === this.#channels[1] && this.#rtcp.consume(1, RTCP_RATE, performance.now()) === 0)
      this.onRtcp(data)
  }

  close(): void {
    this.flush()
    this.#isClosed = true
    this.onRtcp = () => {}
  }
}
