import { parseRequest, type RtspRequest } from './request.js'
import { RtspError } from './rtsp-error.js'

/** RFC 2326 section 10.12: a frame between the requests begins with `$`. */
const FRAME_START = 0x24
const FRAME_HEADER_BYTES = 4
/** What a reader sends is RTCP. */
const MAX_FRAME_BYTES = 2048
const [CR, LF, UPPER_A, UPPER_Z] = [0x0d, 0x0a, 0x41, 0x5a] as const
const HEAD_END = Buffer.of(CR, LF, CR, LF)
const NOTHING = Buffer.alloc(0)

/** A binary frame; `data` is lent. */
export interface InterleavedFrame {
  channel: number
  data: Buffer
}

export type Message = { request: RtspRequest } | { frame: InterleavedFrame }

/**
 * Divides what a client sends into requests and frames. It holds one incomplete message, whose size is limited, and what was pushed
 * behind a complete one.
 */
export class MessageReader {
  readonly #maxHeadBytes: () => number
  #bytes: Buffer = NOTHING
  #start = 0
  #end = 0
  /** Up to here there is no end of a head. */
  #searched = 0

  /** @param maxHeadBytes read for every message, because a reload may change it. */
  constructor(maxHeadBytes: () => number) {
    this.#maxHeadBytes = maxHeadBytes
  }

  /** Whether a message has begun and is not complete. */
  get isWithinMessage(): boolean {
    return this.#end > this.#start
  }

  /** @param bytes are kept until they are read. */
  push(bytes: Buffer): void {
    if (this.#start === this.#end) {
      this.#bytes = bytes
      this.#start = this.#searched = 0
      this.#end = bytes.length
      return
    }
    const length = this.#end - this.#start
    if (length + bytes.length > this.#bytes.length - this.#start || this.#start > 0) {
      // Doubled, so that a message in single bytes is copied in linear time.
      const larger = Buffer.allocUnsafeSlow(Math.max(512, 2 * (length + bytes.length)))
      this.#bytes.copy(larger, 0, this.#start, this.#end)
      this.#bytes = larger
      this.#searched -= this.#start
      this.#start = 0
      this.#end = length
    }
    bytes.copy(this.#bytes, this.#end)
    this.#end += bytes.length
  }

  /** The next complete message; undefined if there is none. @throws RtspError after which the rest cannot be read. */
  next(): Message | undefined {
    while (this.#start < this.#end && (this.#bytes[this.#start] === CR || this.#bytes[this.#start] === LF))
      this.#start++
    if (this.#start === this.#end) {
      this.#bytes = NOTHING
      this.#start = this.#end = this.#searched = 0
      return undefined
    }
    return this.#bytes[this.#start] === FRAME_START ? this.#frame() : this.#request()
  }

  #frame(): Message | undefined {
    if (this.#end - this.#start < FRAME_HEADER_BYTES) return undefined
    const length = this.#bytes.readUInt16BE(this.#start + 2)
    if (length > MAX_FRAME_BYTES) throw new RtspError(413, `a frame has at most ${MAX_FRAME_BYTES} bytes`)
    const from = this.#start + FRAME_HEADER_BYTES
    if (this.#end < from + length) return undefined
    const channel = this.#bytes[this.#start + 1]!
    this.#start = from + length
    return { frame: { channel, data: this.#bytes.subarray(from, from + length) } }
  }

  #request(): Message | undefined {
    const first = this.#bytes[this.#start]!
    if (first < UPPER_A || first > UPPER_Z) throw new RtspError(400, 'this port speaks RTSP/1.0')
    const from = Math.max(this.#start, this.#searched - HEAD_END.length + 1)
    const at = this.#bytes.subarray(0, this.#end).indexOf(HEAD_END, from)
    const headBytes = (at === -1 ? this.#end : at) - this.#start
    if (headBytes > this.#maxHeadBytes())
      throw new RtspError(413, `the headers of a request have at most ${this.#maxHeadBytes()} bytes`)
    if (at === -1) {
      this.#searched = this.#end
      return undefined
    }
    const request = parseRequest(this.#bytes.toString('latin1', this.#start, at))
    const end = at + HEAD_END.length + request.bodyBytes
    this.#searched = at
    if (this.#end < end) return undefined
    this.#start = end
    return { request }
  }
}
