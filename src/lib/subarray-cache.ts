const MAX_CACHED_BYTES = 2048

/** Caches views of the first bytes of a buffer: most packets are as long as an earlier one. */
export class SubarrayCache {
  readonly memory: Buffer
  readonly #cached: (Buffer | undefined)[] = []

  constructor(memory: Buffer) {
    this.memory = memory
  }

  /** HOT */
  first(bytes: number): Buffer {
    if (bytes > MAX_CACHED_BYTES) return this.memory.subarray(0, bytes)
    return (this.#cached[bytes] ??= this.memory.subarray(0, bytes))
  }
}
