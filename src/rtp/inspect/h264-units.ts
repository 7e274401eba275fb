/** What scanUnits() found in a payload, as bits. */
export const SPS = 1
export const PPS = 2
/** The first slice of an IDR picture, or its first fragment. */
export const IDR = 4
/** The first slice of another picture. */
export const SLICE = 8
/** The same, and the picture may refer to later ones. */
export const B_SLICE = 16

const STAP_A = 24
const FU_A = 28

/** HOT: the units that begin in a payload (RFC 6184 sections 5.6 to 5.8), as bits. */
export function scanUnits(payload: Buffer): number {
  const type = payload[0]! & 0x1f
  if (type === FU_A) {
    const header = payload[1] ?? 0
    return (header & 0x80) === 0 ? 0 : describeUnit(header & 0x1f, payload, 2)
  }
  if (type !== STAP_A) return describeUnit(type, payload, 1)
  let found = 0
  for (let offset = 1; offset + 2 < payload.length; offset += 2 + payload.readUInt16BE(offset))
    found |= describeUnit(payload[offset + 2]! & 0x1f, payload, offset + 3)
  return found
}

/** The SPS that a payload begins with or aggregates. */
export function spsIn(payload: Buffer): Buffer | undefined {
  const type = payload[0]! & 0x1f
  if (type === 7) return payload
  if (type !== STAP_A) return undefined
  for (let offset = 1; offset + 2 < payload.length;) {
    const size = payload.readUInt16BE(offset)
    if ((payload[offset + 2]! & 0x1f) === 7) return payload.subarray(offset + 2, offset + 2 + size)
    offset += 2 + size
  }
  return undefined
}

function describeUnit(type: number, payload: Buffer, body: number): number {
  switch (type) {
    case 1:
      return sliceOf(payload[body] ?? 0)
    case 5:
      return IDR
    case 7:
      return SPS
    case 8:
      return PPS
    default:
      return 0
  }
}

/**
 * ITU-T H.264 sections 7.3.3 and 7.4.3: first_mb_in_slice is a single 1 bit in the first slice of a picture. slice_type, ue(v), is 1
 * (010) or 6 (00111) for B.
 */
function sliceOf(first: number): number {
  if ((first & 0x80) === 0) return 0
  return (first & 0xf0) === 0xa0 || (first & 0xfc) === 0x9c ? SLICE | B_SLICE : SLICE
}
