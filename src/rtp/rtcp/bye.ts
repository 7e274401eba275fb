import { BYE, RECEIVER_REPORT } from './compound.js'

/** RFC 3550 section 6.6: the stream ends. Behind an empty report, because a compound begins with one (section 6.1). */
export function writeBye(ssrc: number): Buffer {
  const compound = Buffer.alloc(16)
  compound.set([0x80, RECEIVER_REPORT, 0, 1])
  compound.writeUInt32BE(ssrc, 4)
  compound.set([0x81, BYE, 0, 1], 8)
  compound.writeUInt32BE(ssrc, 12)
  return compound
}
