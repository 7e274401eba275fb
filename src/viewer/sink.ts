import { randomInt } from 'node:crypto'
import type { Sink } from '../rtp/fanout.js'
import type { MediaPacket } from '../rtp/packet.js'
import type { ProtectedPayload } from './srtp.js'

/** The fields of one outgoing packet's header (RFC 3550 section 5.1). */
export interface RtpFields {
  payloadType: number
  marker: boolean
  sequence: number
  /** How often the sequence number has wrapped (RFC 3711 section 3.3.1). */
  rollover: number
  timestamp: number
  ssrc: number
  /** The whole header extension (RFC 8285) with its own head, in whole words; most packets have none. */
  extension: Buffer | undefined
}

/** What a viewer is sent, as the answer says it. */
export interface StreamFormat {
  payloadType: number
  ssrc: number
  /** The stream of retransmissions (RFC 4588), where the client has one. */
  rtx: { payloadType: number; ssrc: number } | undefined
}

/** Where a viewer's packets go: what is behind it protects and sends. */
export interface RtpSender {
  sendRtp(fields: RtpFields, media: ProtectedPayload): void
}

/**
 * One viewer's view of its camera: its own SSRC, payload type and sequence numbers over packets that all viewers share. It
 * starts at a keyframe, for nothing before it can be decoded.
 */
export class ViewerSink implements Sink {
  readonly #sender: RtpSender
  readonly #fields: RtpFields
  #started = false
  /** RFC 3711 section 3.3.1: a first sequence number in the lower half leaves no doubt about the rollover counter. */
  readonly #firstSequence = randomInt(0x8000)
  #firstIndex = 0
  #lastIndex = 0
  packets = 0
  octets = 0

  constructor(sender: RtpSender, { payloadType, ssrc }: StreamFormat) {
    this.#sender = sender
    this.#fields = {
      payloadType,
      ssrc,
      marker: false,
      sequence: 0,
      rollover: 0,
      timestamp: 0,
      extension: undefined,
    }
  }

  /** HOT: once per packet and viewer. */
  send(packet: MediaPacket): void {
    if (!this.#started) {
      if (!packet.startsKeyframe) return
      this.#started = true
      this.#firstIndex = packet.index
    }
    if (packet.index < this.#firstIndex) return
    if (packet.index > this.#lastIndex) this.#lastIndex = packet.index
    this.packets++
    this.octets += packet.payload.length
    this.resend(packet)
  }

  /** HOT: sends a packet under the sequence number that is its own, however often. */
  resend(packet: MediaPacket): void {
    const fields = this.#fields
    const extended = this.#firstSequence + packet.index - this.#firstIndex
    fields.marker = packet.marker
    fields.sequence = extended & 0xffff
    fields.rollover = Math.floor(extended / 0x10000)
    fields.timestamp = packet.timestamp
    this.#sender.sendRtp(fields, packet)
  }

  /** The index of the camera's packet that this viewer knows by a sequence number; undefined for one it was never sent. */
  indexOf(sequence: number): number | undefined {
    const latest = this.#firstSequence + this.#lastIndex - this.#firstIndex
    const index = this.#lastIndex - ((latest - sequence) & 0xffff)
    return this.#started && index >= this.#firstIndex ? index : undefined
  }
}
