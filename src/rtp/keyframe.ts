import type { MediaCodec } from './packet.js'

/** HOT: whether a payload has data of a keyframe. Sound can begin with every packet. */
export const carriesKeyframe: Readonly<Record<MediaCodec, (payload: Buffer) => boolean>> = {
  vp8: vp8StartsKeyframe,
  h264: h264CarriesKeyframe,
  opus: () => true,
}

/** RFC 7741 sections 4.2 and 4.3: S bit, partition 0, inverse key frame flag clear. */
function vp8StartsKeyframe(payload: Buffer): boolean {
  // With the reserved bits: the first byte of an H.264 aggregate is otherwise the start of a frame.
  if ((payload[0]! & 0x5f) !== 0x10) return false
  const offset = vp8HeaderOffset(payload)
  return offset < payload.length && (payload[offset]! & 0x01) === 0
}

/** HOT: where the VP8 payload header is, behind the payload descriptor (RFC 7741 section 4.2). */
export function vp8HeaderOffset(payload: Buffer): number {
  let offset = 1
  if ((payload[0]! & 0x80) === 0) return offset
  const extension = payload[offset++] ?? 0
  const hasPictureId = (extension & 0x80) !== 0
  if (hasPictureId) offset += ((payload[offset] ?? 0) & 0x80) !== 0 ? 2 : 1
  if ((extension & 0x40) !== 0) offset++
  if ((extension & 0x30) !== 0) offset++
  return offset
}

const NAL_SPS = 7
const NAL_STAP_A = 24
const TS_PACKET_BYTES = 188

/**
 * RFC 6184 sections 5.4 to 5.7: an SPS, alone or aggregated. It comes before the slices of its keyframe. A viewer cannot decode an IDR
 * slice without it, so slices alone do not count.
 */
function h264CarriesKeyframe(payload: Buffer): boolean {
  const type = payload[0]! & 0x9f
  if (type === NAL_SPS) return isSps(payload, 0, payload.length)
  if (type !== NAL_STAP_A) return false
  for (let offset = 1; offset + 2 < payload.length;) {
    const size = payload.readUInt16BE(offset)
    if ((payload[offset + 2]! & 0x9f) === NAL_SPS && isSps(payload, offset + 2, size)) return true
    offset += 2 + size
  }
  return false
}

/**
 * Packets of an MPEG transport stream begin with 0x47, which is the header of an SPS too. Most of them have no H.264 profile in the
 * second byte; the length excludes the rest, because no SPS of a camera is that long.
 */
const isSps = (payload: Buffer, offset: number, size: number): boolean =>
  size >= 4 && PROFILES.has(payload[offset + 1]!) && size % TS_PACKET_BYTES !== 0

/** Every profile_idc of H.264 (ITU-T H.264 annexes A, F, G and H). */
const PROFILES = new Set([44, 66, 77, 83, 86, 88, 100, 110, 118, 122, 128, 134, 135, 138, 139, 144, 244])
