/** A packet that is overtaken is not lost: Wi-Fi reorders within a few milliseconds. */
const REORDER_MS = 10
/** Longer than the round trip to most publishers; a second request for a packet on its way costs one packet. */
const REPEAT_MS = 60
const MAX_REQUESTS = 4
/** With more losses a keyframe is cheaper. */
const MAX_MISSING = 256

interface Missing {
  dueMs: number
  requests: number
}

/** The missing packets of one stream, and when to request each of them again. */
export class LossList {
  readonly #missing = new Map<number, Missing>()

  /** Notes the packets from `from` up to, and without, `to`. */
  add(from: number, to: number, nowMs: number): void {
    for (let index = from; index < to && this.#missing.size < MAX_MISSING; index++)
      this.#missing.set(index, { dueMs: nowMs + REORDER_MS, requests: 0 })
  }

  /** @returns whether the packet that arrived was missing. */
  found(index: number): boolean {
    return this.#missing.delete(index)
  }

  dropBelow(index: number): void {
    for (const missing of this.#missing.keys()) if (missing < index) this.#missing.delete(missing)
  }

  clear(): void {
    this.#missing.clear()
  }

  /** @returns the packets to request now; each is due again later, a few times. */
  due(nowMs: number): number[] {
    const due: number[] = []
    for (const [index, missing] of this.#missing) {
      if (missing.dueMs > nowMs || missing.requests >= MAX_REQUESTS) continue
      missing.requests++
      missing.dueMs = nowMs + REPEAT_MS
      due.push(index)
    }
    return due
  }
}
