import { RTP_HEADER_BYTES } from '../rtp/packet.js'

/** RFC 3550 section 5.1 */
export interface RtpFields {
  payloadType: number
  marker: boolean
  sequence: number
  /** RFC 3711 section 3.3.1 */
  rollover: number
  timestamp: number
  ssrc: number
  /** The complete header extension (RFC 8285), in 32-bit words. */
  extension: Buffer | undefined
}

/** HOT: RFC 3711 section 3.3.1 */
export const packetIndexOf = ({ rollover, sequence }: RtpFields): number => rollover * 0x10000 + sequence

/** HOT */
export const headerBytesOf = ({ extension }: RtpFields): number =>
  extension === undefined ? RTP_HEADER_BYTES : RTP_HEADER_BYTES + extension.length

/** HOT */
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
