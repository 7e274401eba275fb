import { clockRateOf, type MediaCodec, type MediaPacket } from './packet.js'

/** Two seconds at 10 Mbit/s in packets of 1200 bytes. A power of two. */
export const HISTORY_PACKETS = 2048
/** Five seconds of sound: a receiver asks for a lost packet within a fraction of one. A power of two. */
const SOUND_HISTORY_PACKETS = 256
/** Three seconds at 10 Mbit/s. Packets of external programs may have 64 kB each. */
const MAX_BYTES = 4 * 1024 * 1024
/** Viewers never request older packets, and a newcomer needs a newer keyframe. */
const MAX_AGE_MS = 15_000

/** One camera's last packets, shared by its viewers for retransmission and for a late join. */
export class PacketHistory {
  readonly #packets: (MediaPacket | undefined)[]
  readonly #capacity: number
  readonly #ticksPerMs: number
  #lastKeyframe = -1
  #last = -1
  #oldest = 0
  bytes = 0
  octets = 0

  constructor(codec: MediaCodec = 'vp8') {
    this.#capacity = codec === 'opus' ? SOUND_HISTORY_PACKETS : HISTORY_PACKETS
    this.#packets = new Array<MediaPacket | undefined>(this.#capacity).fill(undefined)
    this.#ticksPerMs = clockRateOf(codec) / 1000
  }

  /** HOT: once per packet and camera. */
  add(packet: MediaPacket): void {
    const { index, payload } = packet
    const slot = index & (this.#capacity - 1)
    const replaced = this.#packets[slot]
    if (replaced !== undefined) this.bytes -= replaced.payload.length
    this.#packets[slot] = packet
    this.bytes += payload.length
    this.octets += payload.length
    if (index > this.#last) this.#last = index
    if (packet.startsKeyframe) this.#lastKeyframe = index
    this.#dropOld(packet.timestamp)
  }

  /** HOT: one step for each added packet, on average. */
  #dropOld(timestamp: number): void {
    if (this.#oldest <= this.#last - this.#capacity) this.#oldest = this.#last - this.#capacity + 1
    for (; this.#oldest < this.#last; this.#oldest++) {
      const slot = this.#oldest & (this.#capacity - 1)
      const packet = this.#packets[slot]
      if (packet?.index !== this.#oldest) continue // lost before it arrived
      if (this.bytes <= MAX_BYTES && ((timestamp - packet.timestamp) | 0) <= MAX_AGE_MS * this.#ticksPerMs)
        return
      this.#packets[slot] = undefined
      this.bytes -= packet.payload.length
    }
  }

  get(index: number): MediaPacket | undefined {
    const packet = this.#packets[index & (this.#capacity - 1)]
    return packet?.index === index ? packet : undefined
  }

  get last(): number {
    return this.#last
  }

  get lastKeyframe(): number | undefined {
    return this.#lastKeyframe >= 0 && this.get(this.#lastKeyframe) !== undefined
      ? this.#lastKeyframe
      : undefined
  }

  ageMs(packet: MediaPacket): number {
    const newest = this.get(this.#last)
    return newest === undefined ? 0 : ((newest.timestamp - packet.timestamp) | 0) / this.#ticksPerMs
  }
}
