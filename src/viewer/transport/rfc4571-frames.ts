/** RFC 4571 section 2: a 16-bit length before each packet. */
export const FRAME_HEADER_BYTES = 2

/** A copy of the packet, which its caller may overwrite. */
export function writeFrame(packet: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + packet.length)
  frame.writeUInt16BE(packet.length)
  packet.copy(frame, FRAME_HEADER_BYTES)
  return frame
}

/** Cuts a byte stream into packets. Holds at most one incomplete frame. */
export class FrameReader {
  #frame = Buffer.alloc(0)
  /** Bytes of `#frame` that have arrived. */
  #filled = 0
  readonly #header = Buffer.alloc(FRAME_HEADER_BYTES)
  #headerFilled = 0

  /**
   * @param maxBytes of the next packet; read for each of them.
   * @param onPacket gets a buffer of its own. @returns whether to go on.
   * @returns false at a longer packet: what follows cannot be read. Packets without content are skipped.
   */
  read(chunk: Buffer, maxBytes: () => number, onPacket: (packet: Buffer) => boolean): boolean {
    let at = 0
    while (at < chunk.length) {
      if (this.#headerFilled < FRAME_HEADER_BYTES) {
        this.#header[this.#headerFilled++] = chunk[at++]!
        if (this.#headerFilled < FRAME_HEADER_BYTES) continue
        const length = this.#header.readUInt16BE()
        if (length > maxBytes()) return false
        if (length === 0) this.#headerFilled = 0
        else [this.#frame, this.#filled] = [Buffer.allocUnsafeSlow(length), 0]
        continue
      }
      const copied = chunk.copy(this.#frame, this.#filled, at)
      at += copied
      this.#filled += copied
      if (this.#filled < this.#frame.length) continue
      this.#headerFilled = 0
      if (!onPacket(this.#frame)) return false
    }
    return true
  }
}
