import type { MediaPacket } from './packet.js'

/** More than a second at 10 Mbit/s in packets of 1200 bytes, and at most 3 MB per camera. A power of two. */
const SLOTS = 2048

/** The last packets of one camera, kept once for all of its viewers: for those who lost some, and for those who join late. */
export class PacketHistory {
  readonly #packets = new Array<MediaPacket | undefined>(SLOTS).fill(undefined)
  #lastKeyframe = -1
  #last = -1

  /** HOT: once per packet and camera. */
  add(packet: MediaPacket): void {
    this.#packets[packet.index & (SLOTS - 1)] = packet
    if (packet.index > this.#last) this.#last = packet.index
    if (packet.startsKeyframe) this.#lastKeyframe = packet.index
  }

  get(index: number): MediaPacket | undefined {
    const packet = this.#packets[index & (SLOTS - 1)]
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
}
