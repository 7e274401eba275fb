import { payloadOf, RTP_HEADER_BYTES } from '../packet.js'

const OSN_BYTES = 2

/**
 * RFC 4588 section 4: the payload of a retransmission begins with the original sequence number.
 * @returns the original packet, without header extension; undefined for an empty packet, such as padding that probes the bandwidth.
 */
export function originalOf(rtx: Buffer, ssrc: number, payloadType: number): Buffer | undefined {
  const payload = payloadOf(rtx)
  if (payload === undefined || payload.length <= OSN_BYTES) return undefined
  const original = Buffer.allocUnsafe(RTP_HEADER_BYTES + payload.length - OSN_BYTES)
  original[0] = 0x80
  original[1] = (rtx[1]! & 0x80) | payloadType
  payload.copy(original, 2, 0, OSN_BYTES)
  rtx.copy(original, 4, 4, 8)
  original.writeUInt32BE(ssrc, 8)
  payload.copy(original, RTP_HEADER_BYTES, OSN_BYTES)
  return original
}
