/** RFC 3711 section 3.3.2 asks for at least 64. Retransmissions without RTX arrive hundreds of packets late. */
const WINDOW = 1024
const HALF = 0x8000

/** The packet index of one received stream, and which of the last indexes have arrived (RFC 3711 sections 3.3.1 and 3.3.2). */
export class ReplayWindow {
  readonly #seen = new Uint8Array(WINDOW)
  #highest = -1

  /** RFC 3711 section 3.3.1: the index nearest to the highest one. The first packet has rollover counter 0. */
  indexOf(sequence: number): number {
    if (this.#highest < 0) return sequence
    const ahead = (sequence - this.#highest) & 0xffff
    const index = ahead < HALF ? this.#highest + ahead : this.#highest + ahead - 0x10000
    return index < 0 ? index + 0x10000 : index
  }

  /** Whether a packet is a repetition, or older than the window. Called before it is authenticated. */
  isReplayed(index: number): boolean {
    if (index > this.#highest) return false
    return index <= this.#highest - WINDOW || this.#seen[index % WINDOW] === 1
  }

  /** Notes an authentic packet. A large step forward clears the window once. */
  note(index: number): void {
    if (index > this.#highest) {
      const from = Math.max(this.#highest + 1, index - WINDOW + 1)
      for (let skipped = from; skipped < index; skipped++) this.#seen[skipped % WINDOW] = 0
      this.#highest = index
    }
    this.#seen[index % WINDOW] = 1
  }
}
