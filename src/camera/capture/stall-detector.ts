import type { Racer } from '../../lib/race.js'

/** The part of the RTP ingest that a supervisor needs. */
export interface PacketCounter {
  /** Packets received so far. */
  readonly packets: number
  /** Datagrams received so far that are not packets of this camera's stream. */
  readonly ignored: number
  /** Resolves with the next packet; may reject when the signal aborts. */
  nextPacket(signal: AbortSignal): Promise<void>
}

/**
 * Resolves when no packet has arrived for `limitMs`: `bad-packets` if other datagrams did. A sample counts as at most
 * twice its interval: while this process itself is blocked, packets wait in the socket.
 */
export const detectStall =
  (counter: PacketCounter, limitMs: number, sampleMs: number): Racer<'frozen' | 'bad-packets'> =>
  async (signal) =>
    await new Promise((resolve) => {
      let seen = counter.packets
      let ignored = counter.ignored
      let silentMs = 0
      let sampledAt = performance.now()
      const timer = setInterval(() => {
        const now = performance.now()
        const passedMs = Math.min(now - sampledAt, 2 * sampleMs)
        sampledAt = now
        silentMs = counter.packets === seen ? silentMs + passedMs : 0
        if (silentMs === 0) ignored = counter.ignored
        seen = counter.packets
        if (silentMs >= limitMs) resolve(counter.ignored === ignored ? 'frozen' : 'bad-packets')
      }, sampleMs)
      signal.addEventListener('abort', () => clearInterval(timer), { once: true })
    })
