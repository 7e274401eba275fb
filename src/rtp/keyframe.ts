import type { VideoCodec } from './packet.js'

/** HOT: whether a payload has data of a keyframe. */
export const carriesKeyframe: Readonly<Record<VideoCodec, (payload: Buffer) => boolean>> = {
  vp8: vp8StartsKeyframe,
  h264: h264CarriesKeyframe,
}

/** RFC 7741 sections 4.2 and 4.3: S bit, partition 0, inverse key frame flag clear. */
function vp8StartsKeyframe(payload: Buffer): boolean {
  const first = payload[0]!
  const startOfFrame = (first & 0x10) !== 0 && (first & 0x07) === 0
  if (!startOfFrame) return false
  let offset = 1
  if ((first & 0x80) !== 0) {
    const extension = payload[offset++] ?? 0
    const hasPictureId = (extension & 0x80) !== 0
    if (hasPictureId) offset += ((payload[offset] ?? 0) & 0x80) !== 0 ? 2 : 1
    if ((extension & 0x40) !== 0) offset++
    if ((extension & 0x30) !== 0) offset++
  }
  return offset < payload.length && (payload[offset]! & 0x01) === 0
}

const NAL_IDR = 5
const NAL_SPS = 7
const NAL_STAP_A = 24
const NAL_FU_A = 28

/** RFC 6184 sections 5.4 to 5.8: an IDR slice or an SPS, alone, aggregated, or as the start of a fragmented unit. */
function h264CarriesKeyframe(payload: Buffer): boolean {
  const type = payload[0]! & 0x1f
  if (type === NAL_IDR || type === NAL_SPS) return true
  if (type === NAL_FU_A) {
    const header = payload[1] ?? 0
    return (header & 0x80) !== 0 && (header & 0x1f) === NAL_IDR
  }
  if (type !== NAL_STAP_A) return false
  for (let offset = 1; offset + 2 < payload.length; offset += 2 + payload.readUInt16BE(offset)) {
    const unit = payload[offset + 2]! & 0x1f
    if (unit === NAL_IDR || unit === NAL_SPS) return true
  }
  return false
}
