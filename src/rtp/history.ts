import { CLOCK_RATE_HZ, type MediaPacket } from './packet.js'

/** Two seconds at 10 Mbit/s in packets of 1200 bytes. A power of two. */
export const HISTORY_PACKETS = 2048
/** Three seconds at 10 Mbit/s, whatever the size of the packets: another program's may have 64 kB each. */
const MAX_BYTES = 4 * 1024 * 1024
/** Nobody asks for older ones, and a newcomer is better served by a new keyframe than by one as old as this. */
const MAX_AGE_TICKS = 15 * CLOCK_RATE_HZ

/** The last packets of one camera, kept once for all of its viewers: for those who lost some, and for those who join late. */
export class PacketHistory {
  readonly #packets = new Array<MediaPacket | undefined>(HISTORY_PACKETS).fill(undefined)
  #lastKeyframe = -1
  #last = -1
  #oldest = 0
  /** Bytes of payload that are kept, and that have come since the start. */
  bytes = 0
  octets = 0

  /** HOT: once per packet and camera. */
  add(packet: MediaPacket): void {
    const { index, payload } = packet
    const slot = index & (HISTORY_PACKETS - 1)
    const replaced = this.#packets[slot]
    if (replaced !== undefined) this.bytes -= replaced.payload.length
    this.#packets[slot] = packet
    this.bytes += payload.length
    this.octets += payload.length
    if (index > this.#last) this.#last = index
    if (packet.startsKeyframe) this.#lastKeyframe = index
    this.#forget(packet.timestamp)
  }

  /** HOT: a packet is forgotten once, so this is one step for each that is added. */
  #forget(timestamp: number): void {
    if (this.#oldest <= this.#last - HISTORY_PACKETS) this.#oldest = this.#last - HISTORY_PACKETS + 1
    for (; this.#oldest < this.#last; this.#oldest++) {
      const slot = this.#oldest & (HISTORY_PACKETS - 1)
      const packet = this.#packets[slot]
      if (packet?.index !== this.#oldest) continue // it was lost on the way in
      if (this.bytes <= MAX_BYTES && ((timestamp - packet.timestamp) | 0) <= MAX_AGE_TICKS) return
      this.#packets[slot] = undefined
      this.bytes -= packet.payload.length
    }
  }

  get(index: number): MediaPacket | undefined {
    const packet = this.#packets[index & (HISTORY_PACKETS - 1)]
    return packet?.index === index ? packet : undefined
  }

  /** The index of the newest packet; -1 before the first. */
  get last(): number {
    return this.#last
  }

  /** The index at which the newest keyframe starts, as long as it is still kept. */
  get lastKeyframe(): number | undefined {
    return this.#lastKeyframe >= 0 && this.get(this.#lastKeyframe) !== undefined
      ? this.#lastKeyframe
      : undefined
  }

  /** How far the newest packet is ahead of another, in milliseconds of the camera's time; 0 before the first. */
  ageMs(packet: MediaPacket): number {
    const newest = this.get(this.#last)
    return newest === undefined ? 0 : ((newest.timestamp - packet.timestamp) | 0) / (CLOCK_RATE_HZ / 1000)
  }
}
