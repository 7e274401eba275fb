import type { Racer } from '../../lib/race.js'

/** What a camera's supervisor needs to know of its packets; the RTP ingest fits it. */
export interface PacketCounter {
  /** Packets that have come so far; only ever grows. */
  readonly packets: number
  /** What came so far and is no packet of this camera's stream. */
  readonly ignored: number
  /** Resolves with the next packet; may reject when the signal aborts. */
  nextPacket(signal: AbortSignal): Promise<void>
}

/**
 * Happens when no packet has come for `limitMs`, looked at every `sampleMs`; tells whether something else came instead. Time
 * is counted in samples, never more than two of them at once: when this process itself stood still, packets wait in the
 * socket and nothing is wrong.
 */
export const detectStall =
  (watch: PacketCounter, limitMs: number, sampleMs: number): Racer<'frozen' | 'bad-packets'> =>
  async (over) =>
    await new Promise((resolve) => {
      let seen = watch.packets
      let ignored = watch.ignored
      let silentMs = 0
      let sampledAt = performance.now()
      const timer = setInterval(() => {
        const now = performance.now()
        const passedMs = Math.min(now - sampledAt, 2 * sampleMs)
        sampledAt = now
        silentMs = watch.packets === seen ? silentMs + passedMs : 0
        if (silentMs === 0) ignored = watch.ignored
        seen = watch.packets
        if (silentMs >= limitMs) resolve(watch.ignored === ignored ? 'frozen' : 'bad-packets')
      }, sampleMs)
      over.addEventListener('abort', () => clearInterval(timer), { once: true })
    })
