import { randomInt } from 'node:crypto'
import { RTP_HEADER_BYTES } from '../../rtp/packet.js'
import type { RtpFields } from '../../srtp/rtp-header.js'
import type { RtpSender, SentPacket, StreamFormat, OutgoingStream } from './outgoing-stream.js'

/** Within one round trip a retransmitted packet may still arrive: the same loss is often reported twice. */
const USUAL_ROUND_TRIP_MS = 30
/** The timers of both ends have a resolution of some milliseconds. A longer round trip risks duplicates only. */
const MIN_ROUND_TRIP_MS = 10
const MAX_ROUND_TRIP_MS = 1000
/** Of the packets sent: a path that loses more than half is not helped by more. */
const SHARE_OF_SENT = 0.5
const MAX_BUDGET = 300
const ORIGINAL_SEQUENCE_BYTES = 2
/** Of the last frame; a small size has few. */
const MAX_PROBED_PACKETS = 8

/** Retransmits lost packets to one viewer, in an RTX stream (RFC 4588) or unchanged, within a budget. */
export class Retransmitter {
  readonly #outgoing: OutgoingStream
  readonly #sender: RtpSender
  readonly #rtx: RtpFields | undefined
  /** By extended sequence number. */
  readonly #sentAtMs = new Map<number, number>()
  #rtxIndex = randomInt(0x8000)
  #budget = MAX_BUDGET
  #packetsBefore = 0
  retransmitted = 0
  octets = 0
  overBudget = 0
  /** Packets that were sent to measure the path. */
  probes = 0
  #probeBytesLeft = 0

  constructor(outgoing: OutgoingStream, sender: RtpSender, rtx: StreamFormat['rtx']) {
    this.#outgoing = outgoing
    this.#sender = sender
    this.#rtx =
      rtx === undefined
        ? undefined
        : { ...rtx, marker: false, sequence: 0, rollover: 0, timestamp: 0, extension: undefined }
  }

  retransmit(lost: readonly number[], nowMs: number, roundTripMs = USUAL_ROUND_TRIP_MS): void {
    const retryAfterMs = Math.min(Math.max(roundTripMs, MIN_ROUND_TRIP_MS), MAX_ROUND_TRIP_MS)
    this.#refillBudget()
    for (const sequence of lost) {
      const packet = this.#outgoing.find(sequence)
      if (packet === undefined || nowMs - (this.#sentAtMs.get(packet.extended) ?? -Infinity) < retryAfterMs)
        continue
      if (this.#budget < 1) {
        this.overBudget++
        continue
      }
      this.#budget--
      this.retransmitted++
      this.octets += packet.payload.length
      this.#sentAtMs.set(packet.extended, nowMs)
      if (this.#rtx === undefined) this.#outgoing.resend(packet)
      else this.#retransmit(packet, sequence, this.#rtx)
    }
    this.#sender.flush()
    this.#forget(nowMs - retryAfterMs)
  }

  /** RFC 4588 section 4: original sequence number, original payload */
  #retransmit(packet: SentPacket, sequence: number, fields: RtpFields): void {
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

  /** Probing needs a stream whose packets the receiver drops if it has them already. */
  get canProbe(): boolean {
    return this.#rtx !== undefined
  }

  /** Sends about so many bytes: the packets of the last frame once more, which the receiver drops (RFC 4588 section 6.3). */
  probe(bytes: number): void {
    const fields = this.#rtx
    if (fields === undefined) return
    this.#probeBytesLeft += bytes
    while (this.#probeBytesLeft > 0) {
      const sent = this.#probeLastFrame(fields)
      if (sent === 0) break
      this.#probeBytesLeft -= sent
    }
    this.#sender.flush()
  }

  #probeLastFrame(fields: RtpFields): number {
    const last = this.#outgoing.lastSequence
    let timestamp: number | undefined
    let bytes = 0
    for (let back = 0; back < MAX_PROBED_PACKETS && this.#probeBytesLeft - bytes > 0; back++) {
      const packet = this.#outgoing.find((last - back) & 0xffff)
      if (packet === undefined || packet.timestamp !== (timestamp ??= packet.timestamp)) break
      bytes += packet.payload.length + ORIGINAL_SEQUENCE_BYTES + RTP_HEADER_BYTES
      this.probes++
      this.#retransmit(packet, (last - back) & 0xffff, fields)
    }
    return bytes
  }

  #refillBudget(): void {
    const sent = this.#outgoing.packets - this.#packetsBefore
    this.#packetsBefore = this.#outgoing.packets
    this.#budget = Math.min(MAX_BUDGET, this.#budget + sent * SHARE_OF_SENT)
  }

  #forget(beforeMs: number): void {
    for (const [extended, atMs] of this.#sentAtMs) {
      if (atMs > beforeMs) return
      this.#sentAtMs.delete(extended)
    }
  }
}
