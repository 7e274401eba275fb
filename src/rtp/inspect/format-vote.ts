import {
  FORMAT_TESTS,
  formatOfPayloadType,
  hasVp8StartCode,
  type PayloadFormat,
  type Shape,
} from './payload-format.js'

/** Share of packets that a format must fit. Some encoders send units of their own. */
const ENOUGH = 0.9
/** Sound has at most 48,000 ticks a second, video 90,000. */
const MAX_AUDIO_CLOCK_HZ = 52_000
const MIN_CLOCK_MS = 500

/** Counts which formats fit a number of packets, to name the one that fits nearly all. */
export class FormatVote {
  readonly #fits = FORMAT_TESTS.map(() => ({ packets: 0, of: 0, starts: 0 }))
  #packets = 0
  #starts = 0
  #slices = 0
  #isProvenVp8 = false
  #firstMs = 0
  #lastMs = 0
  #ticks = 0

  get packets(): number {
    return this.#packets
  }

  get forMs(): number {
    return this.#lastMs - this.#firstMs
  }

  /** @param ticks from the timestamp of the packet before. */
  add(shape: Shape, hasSlice: boolean, ticks: number, nowMs: number): void {
    if (this.#packets === 0) this.#firstMs = nowMs
    else this.#ticks += ticks
    this.#lastMs = nowMs
    this.#packets++
    if (shape.isStart) this.#starts++
    if (hasSlice) this.#slices++
    this.#isProvenVp8 ||= shape.isStart && hasVp8StartCode(shape.payload)
    FORMAT_TESTS.forEach(([, fits], i) => {
      const isFit = fits(shape)
      const counts = this.#fits[i]!
      if (isFit === undefined) return
      counts.of++
      if (!isFit) return
      counts.packets++
      if (shape.isStart) counts.starts++
    })
  }

  clear(): void {
    for (const counts of this.#fits) counts.packets = counts.of = counts.starts = 0
    this.#packets = this.#starts = this.#slices = this.#ticks = 0
    this.#isProvenVp8 = false
  }

  /** The payload type decides only if the content does not. */
  result(payloadType: number): PayloadFormat {
    const fitting = FORMAT_TESTS.map(([format]) => format).filter((format, i) => this.#isFit(format, i))
    const byContent = this.#isProvenVp8 && fitting.includes('vp8') ? 'vp8' : fitting[0]
    // The descriptor of VP9 without a picture id is one byte, which sound can have too.
    if (byContent === 'vp9' && this.#hasAudioClock()) return 'audio'
    return byContent ?? formatOfPayloadType(payloadType) ?? (this.#hasAudioClock() ? 'audio' : 'unknown')
  }

  #isFit(format: PayloadFormat, i: number): boolean {
    const { packets, of, starts } = this.#fits[i]!
    // Parameter sets alone also fit sound whose first byte looks like one.
    if (format === 'h264' && this.#slices === 0) return false
    return of > 0 && packets >= ENOUGH * of && starts >= ENOUGH * this.#starts
  }

  /** A packet of sound is a frame of its own. */
  #hasAudioClock(): boolean {
    const { forMs } = this
    if (forMs < MIN_CLOCK_MS || this.#starts < this.#packets) return false
    const hz = (this.#ticks * 1000) / forMs
    return hz > 0 && hz < MAX_AUDIO_CLOCK_HZ
  }
}
