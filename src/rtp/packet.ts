/** A packet on its camera's timeline, shared by all viewers: read only. */
export interface MediaPacket {
  /** Extended sequence number; continues when the capture process restarts. */
  readonly index: number
  /** RTP timestamp in the clock of its codec, modulo 2^32; continues when the capture process restarts. */
  readonly timestamp: number
  /** The last packet of its frame (RFC 6184 section 5.1, RFC 7741 section 4.1). */
  readonly marker: boolean
  readonly startsKeyframe: boolean
  readonly payload: Buffer
}

export type VideoCodec = 'vp8' | 'h264'
export type MediaCodec = VideoCodec | 'opus'

/** RTP clock of every video payload format (RFC 6184 section 8.2.1, RFC 7741 section 6.1). */
export const CLOCK_RATE_HZ = 90_000
/** Of Opus, whatever it was recorded at (RFC 7587 section 4.1). */
export const OPUS_CLOCK_RATE_HZ = 48_000

export const clockRateOf = (codec: MediaCodec): number =>
  codec === 'opus' ? OPUS_CLOCK_RATE_HZ : CLOCK_RATE_HZ

/** RFC 3550 section 5.1, without contributing sources. */
export const RTP_HEADER_BYTES = 12

export const sequenceOf = (rtp: Buffer): number => rtp.readUInt16BE(2)
export const timestampOf = (rtp: Buffer): number => rtp.readUInt32BE(4)
export const ssrcOf = (rtp: Buffer): number => rtp.readUInt32BE(8)
export const payloadTypeOf = (rtp: Buffer): number => rtp[1]! & 0x7f
export const markerOf = (rtp: Buffer): boolean => (rtp[1]! & 0x80) !== 0

/** RFC 5761 section 4: on a shared port, RTCP has packet types 192 to 223. */
export const isRtcp = (datagram: Buffer): boolean =>
  datagram.length >= 8 && datagram[1]! >= 192 && datagram[1]! <= 223

export const isRtp = (datagram: Buffer): boolean =>
  datagram.length >= RTP_HEADER_BYTES && datagram[0]! >> 6 === 2 && !isRtcp(datagram)

/**
 * HOT: the payload without contributing sources, header extension and padding (RFC 3550 sections 5.1 and 5.3.1).
 * @returns a view; undefined if the lengths exceed the packet or the payload is empty.
 */
export function payloadOf(rtp: Buffer): Buffer | undefined {
  let start = RTP_HEADER_BYTES + (rtp[0]! & 0x0f) * 4
  if ((rtp[0]! & 0x10) !== 0) {
    if (rtp.length < start + 4) return undefined
    start += 4 + rtp.readUInt16BE(start + 2) * 4
  }
  const padding = (rtp[0]! & 0x20) === 0 ? 0 : rtp[rtp.length - 1]!
  const end = rtp.length - padding
  return end > start ? rtp.subarray(start, end) : undefined
}
