import { RTP_HEADER_BYTES } from '../rtp/packet.js'

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

/** HOT: RFC 3711 section 3.3.1: 2^16 x rollover counter + sequence number. */
export const packetIndexOf = ({ rollover, sequence }: RtpFields): number => rollover * 0x10000 + sequence

/** HOT */
export const headerBytesOf = ({ extension }: RtpFields): number =>
  extension === undefined ? RTP_HEADER_BYTES : RTP_HEADER_BYTES + extension.length

/** HOT: RFC 3550 section 5.1, and RFC 8285 where there is an extension. */
export function writeHeader(bytes: Buffer, at: number, fields: RtpFields): void {
  const { sequence, timestamp, ssrc, extension } = fields
  bytes[at] = extension === undefined ? 0x80 : 0x90
  bytes[at + 1] = fields.marker ? 0x80 | fields.payloadType : fields.payloadType
  bytes[at + 2] = sequence >>> 8
  bytes[at + 3] = sequence
  bytes[at + 4] = timestamp >>> 24
  bytes[at + 5] = timestamp >>> 16
  bytes[at + 6] = timestamp >>> 8
  bytes[at + 7] = timestamp
  bytes[at + 8] = ssrc >>> 24
  bytes[at + 9] = ssrc >>> 16
  bytes[at + 10] = ssrc >>> 8
  bytes[at + 11] = ssrc
  if (extension !== undefined) bytes.set(extension, at + RTP_HEADER_BYTES)
}
