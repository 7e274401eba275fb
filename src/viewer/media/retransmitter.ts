import { randomInt } from 'node:crypto'
import type { PacketHistory } from '../../rtp/history.js'
import type { MediaPacket } from '../../rtp/packet.js'
import type { RtpFields } from '../../srtp/rtp-header.js'
import type { RtpSender, StreamFormat, OutgoingStream } from './outgoing-stream.js'

/** Within one round trip a retransmitted packet may still arrive: the same loss is often reported twice. */
const USUAL_ROUND_TRIP_MS = 30
/** The timers of both ends have a resolution of some milliseconds. A longer round trip risks duplicates only. */
const MIN_ROUND_TRIP_MS = 10
const MAX_ROUND_TRIP_MS = 1000
/** Of the packets sent: a path that loses more than half is not helped by more. */
const SHARE_OF_SENT = 0.5
const MAX_BUDGET = 300
const ORIGINAL_SEQUENCE_BYTES = 2

/** Retransmits lost packets to one viewer, in an RTX stream (RFC 4588) or unchanged, within a budget. */
export class Retransmitter {
  readonly #outgoing: OutgoingStream
  readonly #sender: RtpSender
  readonly #history: PacketHistory
  readonly #rtx: RtpFields | undefined
  readonly #sentAtMs = new Map<number, number>()
  #rtxIndex = randomInt(0x8000)
  #budget = MAX_BUDGET
  #packetsBefore = 0
  retransmitted = 0
  octets = 0
  overBudget = 0

  constructor(outgoing: OutgoingStream, sender: RtpSender, history: PacketHistory, rtx: StreamFormat['rtx']) {
    this.#outgoing = outgoing
    this.#sender = sender
    this.#history = history
    this.#rtx =
      rtx === undefined
        ? undefined
        : { ...rtx, marker: false, sequence: 0, rollover: 0, timestamp: 0, extension: undefined }
  }

  retransmit(lost: readonly number[], nowMs: number, roundTripMs = USUAL_ROUND_TRIP_MS): void {
    const retryAfterMs = Math.min(Math.max(roundTripMs, MIN_ROUND_TRIP_MS), MAX_ROUND_TRIP_MS)
    this.#refillBudget()
    for (const sequence of lost) {
      const index = this.#outgoing.indexOf(sequence)
      const packet = index === undefined ? undefined : this.#history.get(index)
      if (packet === undefined || nowMs - (this.#sentAtMs.get(packet.index) ?? -Infinity) < retryAfterMs)
        continue
      if (this.#budget < 1) {
        this.overBudget++
        continue
      }
      this.#budget--
      this.retransmitted++
      this.octets += packet.payload.length
      this.#sentAtMs.set(packet.index, nowMs)
      if (this.#rtx === undefined) this.#outgoing.resend(packet)
      else this.#retransmit(packet, sequence, this.#rtx)
    }
    this.#sender.flush()
    this.#forget(nowMs - retryAfterMs)
  }

  /** RFC 4588 section 4: original sequence number, original payload */
  #retransmit(packet: MediaPacket, sequence: number, fields: RtpFields): void {
    const payload = Buffer.allocUnsafe(ORIGINAL_SEQUENCE_BYTES + packet.payload.length)
    payload.writeUInt16BE(sequence)
    payload.set(packet.payload, ORIGINAL_SEQUENCE_BYTES)
    const index = this.#rtxIndex++
    fields.marker = packet.marker
    fields.timestamp = packet.timestamp
    fields.sequence = index & 0xffff
    fields.rollover = Math.floor(index / 0x10000)
    this.#sender.sendRtp(fields, payload)
  }

  #refillBudget(): void {
    const sent = this.#outgoing.packets - this.#packetsBefore
    this.#packetsBefore = this.#outgoing.packets
    this.#budget = Math.min(MAX_BUDGET, this.#budget + sent * SHARE_OF_SENT)
  }

  #forget(beforeMs: number): void {
    for (const [index, atMs] of this.#sentAtMs) {
      if (atMs > beforeMs) return
      this.#sentAtMs.delete(index)
    }
  }
}
