/** The pipelines' packets, protected, have up to 1250 bytes; there is room for more as soon as a larger one comes. */
const USUAL_BYTES = 1400
/** Larger ones than these are rare, and their views not worth keeping. */
const MAX_KEPT_VIEW_BYTES = 2048

/**
 * Memory out of which one packet after the other is sent: fresh memory for each would keep the garbage collector busy, and
 * never be in the CPU's cache.
 */
export class PacketBuffer {
  #bytes = Buffer.alloc(0)
  #packets: (Buffer | undefined)[] = []

  constructor() {
    this.#renew(USUAL_BYTES)
  }

  /** HOT: the first so many bytes, of which those of the packet before may be left. Most packets are as long as one before. */
  packet(bytes: number): Buffer {
    if (bytes > this.#bytes.length) this.#renew(bytes)
    if (bytes > MAX_KEPT_VIEW_BYTES) return this.#bytes.subarray(0, bytes)
    return (this.#packets[bytes] ??= this.#bytes.subarray(0, bytes))
  }

  /** The last packet stays as it is for as long as somebody needs it: the next one is made elsewhere. */
  forsake(): void {
    this.#renew(this.#bytes.length)
  }

  #renew(bytes: number): void {
    this.#bytes = Buffer.from(new ArrayBuffer(bytes))
    this.#packets = []
  }
}
