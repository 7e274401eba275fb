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
  packets = 0

  constructor(sender: RtpSender, stream: { payloadType: number; ssrc: number }) {
    this.#sender = sender
    this.#fields = { ...stream, marker: false, sequence: 0, rollover: 0, timestamp: 0 }
  }

  /** HOT: once per packet and viewer. */
  send(packet: MediaPacket): void {
    if (!this.#started) {
      if (!packet.startsKeyframe) return
      this.#started = true
      this.#firstIndex = packet.index
    }
    const sinceFirst = packet.index - this.#firstIndex
    if (sinceFirst < 0) return
    const fields = this.#fields
    fields.marker = packet.marker
    const extended = this.#firstSequence + sinceFirst
    fields.sequence = extended & 0xffff
    fields.rollover = Math.floor(extended / 0x10000)
    fields.timestamp = packet.timestamp
    this.packets++
    this.#sender.sendRtp(fields, packet)
  }
}
