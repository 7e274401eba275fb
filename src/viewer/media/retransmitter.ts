import { randomInt } from 'node:crypto'
import type { PacketHistory } from '../../rtp/history.js'
import type { MediaPacket } from '../../rtp/packet.js'
import type { RtpFields } from '../../srtp/rtp-header.js'
import type { RtpSender, StreamFormat, OutgoingStream } from './outgoing-stream.js'

/** A packet that was sent again less than a round trip ago is still on its way: the same gap is often reported twice. */
const USUAL_ROUND_TRIP_MS = 30
/** Timers of both ends are not better than the one, and who measures more than the other rather gets a packet twice. */
const MIN_ROUND_TRIP_MS = 10
const MAX_ROUND_TRIP_MS = 1000
/** What repair may cost beside the stream itself, in packets: a path that loses more than half is not helped by more. */
const SHARE_OF_SENT = 0.5
const MAX_SAVED = 300
const ORIGINAL_SEQUENCE_BYTES = 2

/**
 * Sends one viewer again what it lost: in a stream of its own where the client has one (RFC 4588), else as it was. A budget
 * keeps a hopeless or hostile viewer from taking more than its share.
 */
export class Retransmitter {
  readonly #outgoing: OutgoingStream
  readonly #sender: RtpSender
  readonly #history: PacketHistory
  readonly #rtx: RtpFields | undefined
  readonly #resentAtMs = new Map<number, number>()
  #rtxIndex = randomInt(0x8000)
  #saved = MAX_SAVED
  #sentWhenSaved = 0
  /** What was sent again, in packets and in bytes of payload, and what was not for want of budget. */
  retransmitted = 0
  octets = 0
  refused = 0

  constructor(sink: OutgoingStream, sender: RtpSender, history: PacketHistory, rtx: StreamFormat['rtx']) {
    this.#outgoing = sink
    this.#sender = sender
    this.#history = history
    this.#rtx =
      rtx === undefined
        ? undefined
        : { ...rtx, marker: false, sequence: 0, rollover: 0, timestamp: 0, extension: undefined }
  }

  /** @param lost sequence numbers as the viewer knows them. @param nowMs monotonic. @param roundTripMs where it was measured. */
  retransmit(lost: readonly number[], nowMs: number, roundTripMs = USUAL_ROUND_TRIP_MS): void {
    const againAfterMs = Math.min(Math.max(roundTripMs, MIN_ROUND_TRIP_MS), MAX_ROUND_TRIP_MS)
    this.#earn()
    for (const sequence of lost) {
      const index = this.#outgoing.indexOf(sequence)
      const packet = index === undefined ? undefined : this.#history.get(index)
      if (packet === undefined || nowMs - (this.#resentAtMs.get(packet.index) ?? -Infinity) < againAfterMs)
        continue
      if (this.#saved < 1) {
        this.refused++
        continue
      }
      this.#saved--
      this.retransmitted++
      this.octets += packet.payload.length
      this.#resentAtMs.set(packet.index, nowMs)
      if (this.#rtx === undefined) this.#outgoing.resend(packet)
      else this.#retransmit(packet, sequence, this.#rtx)
    }
    this.#sender.flush()
    this.#forget(nowMs - againAfterMs)
  }

  /** RFC 4588 section 4: the original sequence number, then the original payload. */
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

  #earn(): void {
    const sent = this.#outgoing.packets - this.#sentWhenSaved
    this.#sentWhenSaved = this.#outgoing.packets
    this.#saved = Math.min(MAX_SAVED, this.#saved + sent * SHARE_OF_SENT)
  }

  /** A Map keeps its order: the oldest come first. */
  #forget(beforeMs: number): void {
    for (const [index, atMs] of this.#resentAtMs) {
      if (atMs > beforeMs) return
      this.#resentAtMs.delete(index)
    }
  }
}
