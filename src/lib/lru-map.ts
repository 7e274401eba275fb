/** As many entries as a Pi keeps without noticing. */
const MAX_ENTRIES = 4096

/** A map of bounded size: a new entry evicts the one that was set the longest time ago. */
export class LruMap<V> {
  readonly #entries = new Map<string, V>()
  readonly #maxEntries: number

  constructor(maxEntries = MAX_ENTRIES) {
    this.#maxEntries = maxEntries
  }

  get(key: string): V | undefined {
    return this.#entries.get(key)
  }

  /** Makes the key the most recent one. */
  set(key: string, value: V): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size > this.#maxEntries) this.#entries.delete(this.#entries.keys().next().value!)
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }

  get size(): number {
    return this.#entries.size
  }
}
