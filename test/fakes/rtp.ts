import type { Codec } from '../../src/config/types.js'

/** Whether a packet begins a keyframe (RFC 6184 §5.6 to 5.8, RFC 7741 §4.2). No header extensions are expected. */
export function beginsKeyframe(packet: Buffer, codec: Codec): boolean {
  const payload = packet.subarray(12)
  return codec === 'h264' ? nalTypes(payload).includes(5) : beginsVp8Keyframe(payload)
}

function nalTypes(payload: Buffer): number[] {
  const type = payload[0]! & 0x1f
  if (type === 28) return (payload[1]! & 0x80) === 0 ? [] : [payload[1]! & 0x1f]
  if (type !== 24) return [type]
  const types: number[] = []
  for (let at = 1; at + 2 < payload.length; at += 2 + payload.readUInt16BE(at))
    types.push(payload[at + 2]! & 0x1f)
  return types
}

function beginsVp8Keyframe(payload: Buffer): boolean {
  const [first, extension] = [payload[0]!, payload[1]!]
  if ((first & 0x10) === 0 || (first & 0x07) !== 0) return false // not the start of the first partition
  let at = 1
  if ((first & 0x80) !== 0) {
    at = 2
    if ((extension & 0x80) !== 0) at += (payload[at]! & 0x80) === 0 ? 1 : 2
    if ((extension & 0x40) !== 0) at += 1
    if ((extension & 0x30) !== 0) at += 1
  }
  return (payload[at]! & 0x01) === 0
}
