/** RFC 6455 section 5.2: the opcodes from 8 on are those of control frames, which may stand between the fragments of a message. */
const FIRST_CONTROL_OPCODE = 8
const MASK_BYTES = 4
const LONGEST_HEADER_BYTES = 14

/**
 * Follows the bytes of a WebSocket frame by frame (RFC 6455 section 5.2), to tell how much of a message has come that is not
 * complete. The receiver of `ws` keeps that to itself, and frames that it refuses need no exact answer here.
 */
export class FrameMeter {
  /** Bytes that came since the last message was complete, frame headers and control frames in between included. */
  unfinishedBytes = 0
  /** Messages and control frames that were complete. */
  completed = 0
  readonly #header = Buffer.alloc(LONGEST_HEADER_BYTES)
  #headerBytes = 0
  #payloadLeft = 0
  #isFragmented = false

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      const skipped = Math.min(this.#payloadLeft, chunk.length - at)
      this.#payloadLeft -= skipped
      this.unfinishedBytes += skipped
      at += skipped
      if (skipped > 0) {
        if (this.#payloadLeft === 0) this.#endFrame()
        continue
      }
      this.#header[this.#headerBytes++] = chunk[at++]!
      this.unfinishedBytes++
      if (this.#headerBytes < this.#headerLength()) continue
      this.#payloadLeft = this.#payloadLength()
      if (this.#payloadLeft === 0) this.#endFrame()
    }
  }

  /** As far as it is known; two bytes tell the rest. */
  #headerLength(): number {
    if (this.#headerBytes < 2) return 2
    const second = this.#header[1]!
    const lengthBytes = { 126: 2, 127: 8 }[second & 0x7f] ?? 0
    return 2 + lengthBytes + (second >= 0x80 ? MASK_BYTES : 0)
  }

  #payloadLength(): number {
    const short = this.#header[1]! & 0x7f
    if (short === 126) return this.#header.readUInt16BE(2)
    return short === 127 ? Number(this.#header.readBigUInt64BE(2)) : short
  }

  #endFrame(): void {
    const first = this.#header[0]!
    this.#headerBytes = 0
    if ((first & 0x0f) < FIRST_CONTROL_OPCODE) this.#isFragmented = first < 0x80
    if (this.#isFragmented) return
    this.completed++
    this.unfinishedBytes = 0
  }
}
