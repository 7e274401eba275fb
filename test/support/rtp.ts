import type { RtpFields } from '../../src/srtp/rtp-header.js'
/** Builds one RTP packet by hand (RFC 3550 section 5.1). */
export function rtpPacket(fields: {
  sequence: number
  timestamp?: number
  ssrc?: number
  marker?: boolean
  payload?: Buffer
  payloadType?: number
}): Buffer {
  const {
    sequence,
    timestamp = 0,
    ssrc = 0x11223344,
    marker = false,
    payload = vp8Delta,
    payloadType = 96,
  } = fields
  const header = Buffer.alloc(12)
  header[0] = 0x80
  header[1] = (marker ? 0x80 : 0) | payloadType
  header.writeUInt16BE(sequence & 0xffff, 2)
  header.writeUInt32BE(timestamp >>> 0, 4)
  header.writeUInt32BE(ssrc, 8)
  return Buffer.concat([header, payload])
}

/** VP8 payloads as rtpvp8pay writes them with 15-bit picture ids: start of a keyframe, start of a delta frame, its continuation. */
export const vp8Key = Buffer.from([0x90, 0x80, 0x80, 0x01, 0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a])
export const vp8Delta = Buffer.from([0x90, 0x80, 0x80, 0x02, 0x31, 0x02, 0x00])
export const vp8Continuation = Buffer.from([0x80, 0x80, 0x80, 0x01, 0x10, 0x02])

/** Takes packets as whoever protects them together does: they are given on with the next `flush`, as they were. */
export function heldBack(deliver: (fields: RtpFields, payload: Buffer) => void): {
  sendRtp: (fields: RtpFields, payload: Buffer) => void
  flush: () => void
} {
  const held: [RtpFields, Buffer][] = []
  return {
    sendRtp: (fields, payload) => void held.push([{ ...fields }, payload]),
    flush: () => held.splice(0).forEach(([fields, payload]) => deliver(fields, payload)),
  }
}
