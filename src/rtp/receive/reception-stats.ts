import { CLOCK_RATE_HZ } from '../packet.js'
import type { ReceptionBlock } from '../rtcp/receiver-report.js'

const HALF = 0x8000
const MAX_CUMULATIVE_LOST = 0x7fffff
const TICKS_PER_MS = CLOCK_RATE_HZ / 1000

/** Counts one received stream (RFC 3550 appendix A.3 and A.8). Retransmissions in a stream of their own do not count. */
export class ReceptionStats {
  #first: number | undefined
  #highest = 0
  #expectedBefore = 0
  #receivedBefore = 0
  #transit: number | undefined
  #jitter = 0
  #fractionLost: number | undefined
  received = 0

  note(sequence: number, timestamp: number, nowMs: number): void {
    this.received++
    if (this.#first === undefined) this.#first = this.#highest = sequence
    else {
      const ahead = (sequence - this.#highest) & 0xffff
      if (ahead < HALF) this.#highest += ahead
    }
    const transit = Math.round(nowMs * TICKS_PER_MS) - timestamp
    const difference = this.#transit === undefined ? 0 : Math.abs((transit - this.#transit) | 0)
    this.#transit = transit
    this.#jitter += (difference - this.#jitter) / 16
  }

  get lost(): number {
    return this.#first === undefined ? 0 : Math.max(0, this.#highest - this.#first + 1 - this.received)
  }

  /** Of the last report, from 0 to 1; undefined before it. */
  get fractionLost(): number | undefined {
    return this.#fractionLost
  }

  /** Smoothed (RFC 3550 section 6.4.1); undefined before the first packet. */
  get jitterMs(): number | undefined {
    return this.#first === undefined ? undefined : this.#jitter / TICKS_PER_MS
  }

  /** @returns undefined before the first packet. */
  nextBlock(): ReceptionBlock | undefined {
    if (this.#first === undefined) return undefined
    const expected = this.#highest - this.#first + 1
    const expectedNow = expected - this.#expectedBefore
    const lostNow = expectedNow - (this.received - this.#receivedBefore)
    this.#expectedBefore = expected
    this.#receivedBefore = this.received
    const fractionLost =
      expectedNow <= 0 || lostNow <= 0 ? 0 : Math.min(255, Math.floor((lostNow * 256) / expectedNow))
    this.#fractionLost = fractionLost / 256
    return {
      fractionLost,
      cumulativeLost: Math.min(MAX_CUMULATIVE_LOST, this.lost),
      highestSequence: this.#highest % 2 ** 32,
      jitter: Math.min(2 ** 32 - 1, Math.round(this.#jitter)),
    }
  }
}
