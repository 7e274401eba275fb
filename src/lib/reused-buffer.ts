import { SubarrayCache } from './subarray-cache.js'

/** Protected packets of the pipelines have up to 1250 bytes. */
const USUAL_BYTES = 1400

/** Reused for every packet: a new buffer each time costs garbage collection and CPU cache misses. */
export class ReusedBuffer {
  #views = new SubarrayCache(Buffer.from(new ArrayBuffer(USUAL_BYTES)))

  /** HOT: the first bytes, not cleared. */
  first(bytes: number): Buffer {
    if (bytes > this.#views.memory.length) this.#renew(bytes)
    return this.#views.first(bytes)
  }

  /** Its memory is still in use: the next one is new. */
  replace(): void {
    this.#renew(this.#views.memory.length)
  }

  #renew(bytes: number): void {
    this.#views = new SubarrayCache(Buffer.from(new ArrayBuffer(bytes)))
  }
}
