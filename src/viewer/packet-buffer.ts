/** In front of each packet, for whoever hashes it with a key (RFC 2104). */
export const KEY_PAD_BYTES = 64
/** Behind each packet: the longest tag, and the unused end of its last word. */
const SLACK_BYTES = 20
/** The pipelines' packets, protected, have up to 1250 bytes; there is room for more as soon as a larger one comes. */
const USUAL_BYTES = 1400
/** Larger ones than these are rare, and their views not worth keeping. */
const MAX_KEPT_VIEW_BYTES = 2048

/**
 * Memory in which one packet after the other is made, from the first byte of its header to the moment it is sent: fresh
 * memory for each would keep the garbage collector busy, and never be in the CPU's cache.
 */
export class PacketBuffer {
  #bytes = Buffer.alloc(0)
  #words = new Uint32Array(0)
  #room = 0
  #packets: (Buffer | undefined)[] = []
  #padded: (Buffer | undefined)[] = []

  constructor() {
    this.#renew(USUAL_BYTES)
  }

  /** The key pad and the packet; the packet begins at KEY_PAD_BYTES. */
  get bytes(): Buffer {
    return this.#bytes
  }

  /** The same memory, in words of the machine's order. */
  get words(): Uint32Array {
    return this.#words
  }

  /** HOT: makes room for a packet; asked for before its header is written, for what was written is not kept. */
  reserve(packetBytes: number): void {
    if (packetBytes > this.#room) this.#renew(packetBytes)
  }

  /** HOT: the first so many bytes of the packet. Most packets are as long as one before, so the view is kept. */
  packet(bytes: number): Buffer {
    if (bytes > MAX_KEPT_VIEW_BYTES) return this.#bytes.subarray(KEY_PAD_BYTES, KEY_PAD_BYTES + bytes)
    return (this.#packets[bytes] ??= this.#bytes.subarray(KEY_PAD_BYTES, KEY_PAD_BYTES + bytes))
  }

  /** HOT: the same, with the key pad in front. */
  padded(bytes: number): Buffer {
    if (bytes > MAX_KEPT_VIEW_BYTES) return this.#bytes.subarray(0, KEY_PAD_BYTES + bytes)
    return (this.#padded[bytes] ??= this.#bytes.subarray(0, KEY_PAD_BYTES + bytes))
  }

  /** The last packet stays as it is for as long as somebody needs it: the next one is made elsewhere. */
  forsake(): void {
    this.#renew(this.#room)
  }

  #renew(packetBytes: number): void {
    const memory = new ArrayBuffer((KEY_PAD_BYTES + packetBytes + SLACK_BYTES + 3) & ~3)
    this.#bytes = Buffer.from(memory)
    this.#words = new Uint32Array(memory)
    this.#room = packetBytes
    this.#packets = []
    this.#padded = []
  }
}
