/** Larger ones than these are rare, and not worth keeping. */
const MAX_KEPT_BYTES = 2048

/** Views of the beginning of some memory. Most packets are as long as one before, so most views are here already. */
export class SubarrayCache {
  readonly memory: Buffer
  readonly #kept: (Buffer | undefined)[] = []

  constructor(memory: Buffer) {
    this.memory = memory
  }

  /** HOT: the first so many bytes. */
  first(bytes: number): Buffer {
    if (bytes > MAX_KEPT_BYTES) return this.memory.subarray(0, bytes)
    return (this.#kept[bytes] ??= this.memory.subarray(0, bytes))
  }
}
