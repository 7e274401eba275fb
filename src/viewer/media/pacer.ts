import type { PacketHistory } from '../../rtp/history.js'
import { RTP_HEADER_BYTES, type MediaPacket } from '../../rtp/packet.js'
import { AES_CM_TAG_BYTES } from '../../srtp/profile.js'
import type { OutgoingStream } from './outgoing-stream.js'

const UDP_HEADER_BYTES = 8
const IPV4_HEADER_BYTES = 20
const OVERHEAD_BYTES = RTP_HEADER_BYTES + AES_CM_TAG_BYTES + UDP_HEADER_BYTES + IPV4_HEADER_BYTES
/** What may be saved up while there was nothing to send; more would arrive as a burst and fill the queues on the way. */
const MAX_SAVED_MS = 20

/** A burst of retransmissions delays pictures by no more than this: who lost hundreds of packets needs a keyframe most. */
const MAX_DEBT_MS = 200

export interface Pace {
  /** What goes out at most, in bit/s, headers included. */
  rateBps: number
  /** A picture that is later than this is left out, with all that need it, until the next keyframe. */
  maxLagMs: number
}

/**
 * Sends one viewer its camera's packets out of the history, no faster than its path takes them. It never leaves out a part of a
 * picture: one that was begun is finished, and behind one that was left out comes a keyframe. Nothing is queued: what is slow
 * is only an index into packets that are kept anyway.
 */
export class Pacer {
  readonly #history: PacketHistory
  readonly #outgoing: OutgoingStream
  #next: number
  #timestamp: number | undefined
  #budgetBytes = 0
  #lastStepMs: number
  #skips: boolean
  pace: Pace
  framesLeftOut = 0

  /** @param first the index to go on with. @param timestamp of the picture before it, which may not be complete. */
  constructor(options: {
    history: PacketHistory
    sink: OutgoingStream
    first: number
    timestamp: number | undefined
    pace: Pace
    nowMs: number
  }) {
    this.#history = options.history
    this.#outgoing = options.sink
    this.#next = options.first
    this.#timestamp = options.timestamp
    this.pace = options.pace
    this.#lastStepMs = options.nowMs
    // Who has not been sent anything starts with a keyframe, whatever comes first.
    this.#skips = options.timestamp === undefined
  }

  /** Whether pictures are being left out until a keyframe comes. */
  get waitsForKeyframe(): boolean {
    return this.#skips
  }

  /** Everything there is was sent. */
  get isCaughtUp(): boolean {
    return !this.#skips && this.#next > this.#history.last
  }

  /** What else goes the same way, as retransmissions do. */
  spend(bytes: number): void {
    const owedBytes = (-MAX_DEBT_MS * this.pace.rateBps) / 8000
    this.#budgetBytes = Math.max(this.#budgetBytes - bytes, Math.min(this.#budgetBytes, owedBytes))
  }

  /** Sends what may be sent by now. */
  step(nowMs: number): void {
    this.#earn(nowMs)
    this.#send()
    this.#outgoing.flush()
  }

  #earn(nowMs: number): void {
    const { rateBps } = this.pace
    const bytesPerMs = rateBps / 8000
    this.#budgetBytes = Math.min(
      this.#budgetBytes + (nowMs - this.#lastStepMs) * bytesPerMs,
      MAX_SAVED_MS * bytesPerMs,
    )
    this.#lastStepMs = nowMs
  }

  #send(): void {
    for (; this.#next <= this.#history.last; this.#next++) {
      const packet = this.#history.get(this.#next)
      if (packet === undefined) continue // lost on the way in, or no longer kept
      if (!this.#skips && this.#budgetBytes <= 0) return
      if (packet.timestamp !== this.#timestamp || (this.#skips && packet.startsKeyframe)) {
        const skipped = this.#skips
        this.#skips = this.#isLeftOut(packet)
        this.#timestamp = packet.timestamp
        if (this.#skips) this.framesLeftOut++
        else if (skipped) this.#outgoing.continueAt(packet.index)
      }
      if (this.#skips) continue
      this.#budgetBytes -= packet.payload.length + OVERHEAD_BYTES
      this.#outgoing.send(packet)
    }
  }

  /** Asked of the first packet of each picture. */
  #isLeftOut(packet: MediaPacket): boolean {
    if (packet.startsKeyframe) return packet.index !== this.#history.lastKeyframe
    return this.#skips || this.#history.ageMs(packet) > this.pace.maxLagMs
  }
}
