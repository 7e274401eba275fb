import { vp8HeaderOffset } from '../keyframe.js'

/** What the payload of a stream can be recognised as. */
export type PayloadFormat =
  | 'mpeg-ts'
  | 'h265'
  | 'h264'
  | 'vp9'
  | 'av1'
  | 'vp8'
  | 'mpeg4'
  | 'byte-stream'
  | 'jpeg'
  | 'mpeg2'
  | 'h263'
  | 'audio'
  | 'unknown'

/** A packet as it is compared with the formats. */
export interface Shape {
  payload: Buffer
  /** The first packet of its frame. */
  isStart: boolean
  /** The last packet of its frame. */
  marker: boolean
}

/**
 * Whether a packet can be of a format; undefined if it says nothing. In this order: a stream of one format does not fit those before it,
 * but may fit those behind it, such as AV1 with the test of VP8.
 */
export const FORMAT_TESTS: readonly [PayloadFormat, (shape: Shape) => boolean | undefined][] = [
  ['mpeg-ts', ({ payload }) => isTransportStream(payload)],
  [
    'byte-stream',
    ({ payload, isStart }) => (isStart ? hasStartCode(payload) && !isMpeg4(payload) : undefined),
  ],
  ['mpeg4', ({ payload, isStart }) => (isStart ? hasStartCode(payload) && isMpeg4(payload) : undefined)],
  ['av1', ({ payload, isStart }) => (isStart ? isAv1Start(payload) : undefined)],
  ['vp8', isVp8],
  ['vp9', isVp9],
  ['h265', ({ payload }) => isH265(payload)],
  ['h264', ({ payload }) => isH264(payload)],
]

/** ISO/IEC 13818-1 section 2.4.3.2: packets of 188 bytes that begin with 0x47. */
export function isTransportStream(payload: Buffer): boolean {
  if (payload.length % 188 !== 0) return false
  for (let offset = 0; offset < payload.length; offset += 188) if (payload[offset] !== 0x47) return false
  return payload.length > 0
}

const hasStartCode = (payload: Buffer): boolean =>
  payload[0] === 0 && payload[1] === 0 && (payload[2] === 1 || (payload[2] === 0 && payload[3] === 1))

/** ISO/IEC 14496-2 section 6.2.1: a sequence (b0) to a frame (b6), or the first video object (00) or its layer (20). */
function isMpeg4(payload: Buffer): boolean {
  const code = payload[3] ?? 0xff
  return payload[2] === 1 && ((code >= 0xb0 && code <= 0xb6) || code === 0x00 || code === 0x20)
}

/** RFC 7798 section 1.1.4: layer 0, temporal id at least 1, a type that is in use. */
function isH265(payload: Buffer): boolean {
  const first = payload[0]!
  const temporalId = payload[1] ?? 0
  if ((first & 0x81) !== 0 || temporalId === 0 || temporalId > 7) return false
  const type = first >> 1
  return type <= 9 || (type >= 16 && type <= 21) || (type >= 32 && type <= 40) || type === 48 || type === 49
}

/** RFC 6184 section 5.4, without the interleaved mode, and with the rules of nal_ref_idc (ITU-T H.264 section 7.4.1). */
export function isH264(payload: Buffer): boolean {
  const first = payload[0]!
  if ((first & 0x80) !== 0) return false
  const isReference = (first & 0x60) !== 0
  switch (first & 0x1f) {
    case 1:
    case 14:
    case 20:
      return true
    case 5:
    case 7:
    case 8:
      return isReference
    case 6:
    case 9:
    case 10:
    case 11:
    case 12:
      return !isReference
    case 24:
      return isAggregate(payload)
    case 28:
      return payload.length > 2 && (payload[1]! & 0x20) === 0 && isFragmentType(payload[1]! & 0x1f)
    default:
      return false
  }
}

const isFragmentType = (type: number): boolean => type === 1 || (type >= 5 && type <= 8)

function isAggregate(payload: Buffer): boolean {
  let offset = 1
  while (offset + 2 < payload.length) offset += 2 + payload.readUInt16BE(offset)
  return offset === payload.length
}

/** RFC 9628 section 4.2: B and E are set for the first and the last packet of a frame; Z only for some layers. */
function isVp9({ payload, isStart, marker }: Shape): boolean {
  const first = payload[0]!
  return ((first & 0x08) !== 0) === isStart && ((first & 0x04) !== 0) === marker
}

/** AV1 RTP specification section 4.4: an aggregation header, then an OBU header, after a length unless it is the only one. */
function isAv1Start(payload: Buffer): boolean {
  const first = payload[0]!
  if ((first & 0x87) !== 0) return false
  const isOnly = (first & 0x30) === 0x10
  const lengthBytes = isOnly ? 0 : (payload[1] ?? 0) & 0x80 ? 2 : 1
  const header = payload[1 + lengthBytes] ?? 0xff
  const type = (header >> 3) & 0x0f
  return (header & 0x81) === 0 && type >= 1 && type <= 7
}

/** RFC 7741 section 4.2: reserved bits are 0, and a frame starts with its first partition. */
function isVp8({ payload, isStart }: Shape): boolean {
  const first = payload[0]!
  if ((first & 0x48) !== 0) return false
  if ((first & 0x80) !== 0 && ((payload[1] ?? 0) & 0x0f) !== 0) return false
  return !isStart || (first & 0x17) === 0x10
}

/** RFC 6386 section 9.1: the start code of a keyframe, which nothing else has. */
export function hasVp8StartCode(payload: Buffer): boolean {
  const offset = vp8HeaderOffset(payload)
  return payload[offset + 3] === 0x9d && payload[offset + 4] === 0x01 && payload[offset + 5] === 0x2a
}

/** RFC 3551 section 6: what a static payload type means. */
export function formatOfPayloadType(payloadType: number): PayloadFormat | undefined {
  if (payloadType === 26) return 'jpeg'
  if (payloadType === 32) return 'mpeg2'
  if (payloadType === 33) return 'mpeg-ts'
  if (payloadType === 34 || payloadType === 31) return 'h263'
  return payloadType <= 23 ? 'audio' : undefined
}
