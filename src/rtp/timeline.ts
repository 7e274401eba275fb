import { carriesKeyframe } from './keyframe.js'
import {
  clockRateOf,
  markerOf,
  payloadOf,
  sequenceOf,
  timestampOf,
  type MediaCodec,
  type MediaPacket,
} from './packet.js'

/** RFC 3550 appendix A.1: a larger jump is another stream, not loss or reordering. */
const MAX_DROPOUT_PACKETS = 3000
const MAX_MISORDER_PACKETS = 100
/** How far timestamps may exceed the time since the last packet, for the burst after a stall; and how far they may go back. */
const MAX_MS_AHEAD = 10_000
const MAX_MS_BACK = 2000

/** What turns the timestamps of a capture process into those of its camera's line. */
export interface TimestampLine {
  /** False from the start of a capture process to its first packet. */
  readonly isKnown: boolean
  readonly timestampOffset: number
}

/**
 * Continuous sequence numbers and timestamps per camera. A restarted capture process picks new random offsets (RFC 3550 section 5.1),
 * and a receiver that saw them jump would freeze.
 */
export class RtpTimeline implements TimestampLine {
  readonly #carriesKeyframe: (payload: Buffer) => boolean
  readonly #ticksPerMs: number
  #started = false
  #broken = false
  #index = 0
  #lastSequence = 0
  #suspectSequence = -1
  #timestampOffset = 0
  readonly #leader: TimestampLine | undefined
  isKnown = false
  #lastTimestamp = 0
  #lastArrivalMs = 0
  #keyframeTimestamp = -1
  restarts = 0
  lost = 0

  /**
   * @param leader the timeline of another stream of the same capture process, with the same timestamps: then both have one line. Until it
   * is known, packets are dropped.
   */
  constructor(codec: MediaCodec, leader?: TimestampLine) {
    this.#carriesKeyframe = carriesKeyframe[codec]
    this.#ticksPerMs = clockRateOf(codec) / 1000
    this.#leader = leader
  }

  get timestampOffset(): number {
    return this.#leader?.timestampOffset ?? this.#timestampOffset
  }

  /** Another capture process starts. */
  forget(): void {
    this.isKnown = false
  }

  expectNewSender(): void {
    this.#broken = this.#started
  }

  /**
   * HOT: once per packet and camera.
   * @param rtp passed isRtp(). @param nowMs monotonic arrival time; bridges the gap between two senders.
   * @returns undefined for a duplicate, an empty packet, or a first one beyond the limits.
   */
  place(rtp: Buffer, nowMs: number): MediaPacket | undefined {
    const payload = payloadOf(rtp)
    if (payload === undefined || this.#leader?.isKnown === false) return undefined
    const sequence = sequenceOf(rtp)
    let index: number
    if (!this.#started || this.#broken) {
      index = this.#continueWith(rtp, nowMs)
    } else {
      const step = (sequence - this.#lastSequence) & 0xffff
      if (step === 0) return undefined
      const isInTime = this.#isInTime(timestampOf(rtp), nowMs)
      if (step < MAX_DROPOUT_PACKETS && isInTime) {
        this.lost += step - 1
        index = this.#index += step
      } else if (step > 0x10000 - MAX_MISORDER_PACKETS) {
        return isInTime ? this.#packet(rtp, payload, this.#index - (0x10000 - step)) : undefined
      } else if (step === 1 || sequence === this.#suspectSequence) {
        index = this.#continueWith(rtp, nowMs)
      } else {
        this.#suspectSequence = (sequence + 1) & 0xffff
        return undefined
      }
    }
    this.#lastSequence = sequence
    this.#suspectSequence = -1
    this.#lastArrivalMs = nowMs
    const packet = this.#packet(rtp, payload, index)
    this.#lastTimestamp = packet.timestamp
    return packet
  }

  /** A receiver that sees a timestamp jump ahead shows nothing until that time comes. */
  #isInTime(sent: number, nowMs: number): boolean {
    const ticks = (sent + this.timestampOffset - this.#lastTimestamp) | 0
    const ms = ticks / this.#ticksPerMs
    return ms >= -MAX_MS_BACK && ms <= nowMs - this.#lastArrivalMs + MAX_MS_AHEAD
  }

  #continueWith(rtp: Buffer, nowMs: number): number {
    if (this.#started) {
      const elapsedTicks = Math.max(1, Math.round((nowMs - this.#lastArrivalMs) * this.#ticksPerMs))
      this.#timestampOffset = (this.#lastTimestamp + elapsedTicks - timestampOf(rtp)) >>> 0
      this.restarts++
    }
    this.#started = true
    this.#broken = false
    this.isKnown = true
    this.#keyframeTimestamp = -1
    return ++this.#index
  }

  #packet(rtp: Buffer, payload: Buffer, index: number): MediaPacket {
    const timestamp = (timestampOf(rtp) + this.timestampOffset) >>> 0
    // A keyframe has several such packets (parameter sets, slices): the first one of its timestamp starts it.
    const startsKeyframe = timestamp !== this.#keyframeTimestamp && this.#carriesKeyframe(payload)
    if (startsKeyframe) this.#keyframeTimestamp = timestamp
    return { index, timestamp, marker: markerOf(rtp), startsKeyframe, payload }
  }
}
