import type { PacketHistory } from '../../rtp/history.js'
import { RTP_HEADER_BYTES, type MediaPacket } from '../../rtp/packet.js'
import { AES_CM_TAG_BYTES } from '../../srtp/profile.js'
import type { OutgoingStream } from './outgoing-stream.js'

const UDP_HEADER_BYTES = 8
const IPV4_HEADER_BYTES = 20
const OVERHEAD_BYTES = RTP_HEADER_BYTES + AES_CM_TAG_BYTES + UDP_HEADER_BYTES + IPV4_HEADER_BYTES
/** The burst after a pause; a longer one would fill queues on the path. */
const MAX_SAVED_MS = 20

/** Retransmissions delay frames by at most this: after hundreds of losses the viewer needs a keyframe first. */
const MAX_DEBT_MS = 200

export interface Pace {
  /** Headers included. */
  rateBps: number
  /** An older frame is dropped, with those that depend on it, up to the next keyframe. */
  maxLagMs: number
}

/**
 * Sends packets of the history to one viewer at a limited rate. It drops whole frames only, and continues with a keyframe after them.
 * Nothing is queued: the position is an index into the history.
 */
export class Pacer {
  readonly #history: PacketHistory
  readonly #outgoing: OutgoingStream
  #next: number
  #timestamp: number | undefined
  #budgetBytes = 0
  #lastStepMs: number
  #isSkipping: boolean
  pace: Pace
  framesDropped = 0
  readonly #hasRoom: () => boolean

  /** @param options.timestamp of the frame before `first`, which may be incomplete; undefined before any was sent. */
  constructor(options: {
    history: PacketHistory
    outgoing: OutgoingStream
    first: number
    timestamp: number | undefined
    pace: Pace
    nowMs: number
    /** Whether the path takes a packet now, whatever the rate. */
    hasRoom?: () => boolean
  }) {
    this.#history = options.history
    this.#outgoing = options.outgoing
    this.#next = options.first
    this.#timestamp = options.timestamp
    this.pace = options.pace
    this.#lastStepMs = options.nowMs
    this.#isSkipping = options.timestamp === undefined
    this.#hasRoom = options.hasRoom ?? (() => true)
  }

  get waitsForKeyframe(): boolean {
    return this.#isSkipping
  }

  /** Whether the next frame waits for longer than it may. */
  get isLate(): boolean {
    if (this.#next > this.#history.last) return false
    const packet = this.#history.get(this.#next)
    return packet === undefined || this.#history.ageMs(packet) > this.pace.maxLagMs
  }

  get isCaughtUp(): boolean {
    return !this.#isSkipping && this.#next > this.#history.last
  }

  /** Charges retransmissions, which use the same path. */
  spend(bytes: number): void {
    const owedBytes = (-MAX_DEBT_MS * this.pace.rateBps) / 8000
    this.#budgetBytes = Math.max(this.#budgetBytes - bytes, Math.min(this.#budgetBytes, owedBytes))
  }

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
      if (packet === undefined) continue // lost before it arrived, or too old
      if (!this.#isSkipping && (this.#budgetBytes <= 0 || !this.#hasRoom())) return
      if (packet.timestamp !== this.#timestamp || (this.#isSkipping && packet.startsKeyframe)) {
        const wasSkipping = this.#isSkipping
        this.#isSkipping = this.#isDropped(packet)
        this.#timestamp = packet.timestamp
        if (this.#isSkipping) this.#noteDropped()
        else if (wasSkipping) this.#outgoing.continueAt(packet.index)
      }
      if (this.#isSkipping) continue
      this.#budgetBytes -= packet.payload.length + OVERHEAD_BYTES
      this.#outgoing.send(packet)
    }
  }

  /** Before its first keyframe a viewer misses nothing. */
  #noteDropped(): void {
    if (this.#outgoing.isStarted) this.framesDropped++
  }

  /** @param packet the first one of its frame. */
  #isDropped(packet: MediaPacket): boolean {
    if (packet.startsKeyframe) return packet.index !== this.#history.lastKeyframe
    return this.#isSkipping || this.#history.ageMs(packet) > this.pace.maxLagMs
  }
}
