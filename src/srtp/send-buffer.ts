import { SubarrayCache } from './subarray-cache.js'

/** The pipelines' packets, protected, have up to 1250 bytes; there is room for more as soon as a larger one comes. */
const USUAL_BYTES = 1400

/**
 * Memory out of which one packet after the other is sent: fresh memory for each would keep the garbage collector busy, and
 * never be in the CPU's cache.
 */
export class SendBuffer {
  #views = new SubarrayCache(Buffer.from(new ArrayBuffer(USUAL_BYTES)))

  /** HOT: the first so many bytes, in which those of the packet before may be left. */
  packet(bytes: number): Buffer {
    if (bytes > this.#views.memory.length) this.#renew(bytes)
    return this.#views.first(bytes)
  }

  /** The last packet stays as it is for as long as somebody needs it: the next one is made elsewhere. */
  replace(): void {
    this.#renew(this.#views.memory.length)
  }

  #renew(bytes: number): void {
    this.#views = new SubarrayCache(Buffer.from(new ArrayBuffer(bytes)))
  }
}
