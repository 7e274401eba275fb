/** Control frames (RFC 6455 section 5.2) may come between the fragments of a message. */
const FIRST_CONTROL_OPCODE = 8
const MASK_BYTES = 4
const LONGEST_HEADER_BYTES = 14

/**
 * Counts the bytes of an incomplete WebSocket message (RFC 6455 section 5.2), which `ws` does not expose. Frames that `ws` rejects
 * need no exact count.
 */
export class FrameMeter {
  /** Bytes since the last complete message, including frame headers and control frames. */
  unfinishedBytes = 0
  /** Complete messages and control frames. */
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

  /** Known once two bytes have arrived. */
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
