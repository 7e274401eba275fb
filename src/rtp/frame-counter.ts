import type { CaptureClock } from './capture-clock.js'
import type { MediaPacket } from './packet.js'

export class FrameCounter {
  readonly #clock: Pick<CaptureClock, 'source' | 'captureMonotonicMs'>
  #newestTimestamp = 0
  #newestArrivalMs = 0
  frames = 0

  constructor(clock: Pick<CaptureClock, 'source' | 'captureMonotonicMs'>) {
    this.#clock = clock
  }

  /** HOT: the packets of one frame share its timestamp (RFC 3550 section 5.1). A late packet belongs to a counted frame. */
  note({ timestamp }: MediaPacket, nowMs: number): void {
    if (this.frames > 0 && ((timestamp - this.#newestTimestamp) | 0) <= 0) return
    this.frames++
    this.#newestTimestamp = timestamp
    this.#newestArrivalMs = nowMs
  }

  /** From the capture of the newest frame to the arrival of its first packet; undefined without sender reports. */
  get captureDelayMs(): number | undefined {
    if (this.#clock.source !== 'reports') return undefined
    const capturedMs = this.#clock.captureMonotonicMs(this.#newestTimestamp)
    return capturedMs === undefined ? undefined : Math.max(0, this.#newestArrivalMs - capturedMs)
  }
}
