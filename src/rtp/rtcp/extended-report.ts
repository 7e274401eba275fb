import { MIDDLE_UNITS_PER_MS } from '../ntp.js'
import { EXTENDED_REPORT } from './compound.js'

const RECEIVER_REFERENCE_TIME = 4
const DLRR = 5

/** The clock of a receiver that sends no media and measures the round trip with it (RFC 3611 section 4.4). */
export interface ReferenceTime {
  ssrc: number
  /** The middle 32 bits of its NTP timestamp. */
  ntpMiddle: number
}

export function parseReferenceTime(packet: Buffer): ReferenceTime | undefined {
  for (let offset = 8; offset + 4 <= packet.length;) {
    const end = offset + (packet.readUInt16BE(offset + 2) + 1) * 4
    if (end > packet.length) return undefined
    if (packet[offset] === RECEIVER_REFERENCE_TIME && end - offset === 12)
      return { ssrc: packet.readUInt32BE(4), ntpMiddle: packet.readUInt32BE(offset + 6) }
    offset = end
  }
  return undefined
}

/** Follows a sender report in a compound (RFC 3611 section 4.5). @param delayMs since the reference time arrived. */
export function writeDlrr(
  ssrc: number,
  { ssrc: receiver, ntpMiddle }: ReferenceTime,
  delayMs: number,
): Buffer {
  const report = Buffer.alloc(24)
  report[0] = 0x80
  report[1] = EXTENDED_REPORT
  report.writeUInt16BE(5, 2)
  report.writeUInt32BE(ssrc, 4)
  report[8] = DLRR
  report.writeUInt16BE(3, 10)
  report.writeUInt32BE(receiver, 12)
  report.writeUInt32BE(ntpMiddle, 16)
  report.writeUInt32BE(Math.round(delayMs * MIDDLE_UNITS_PER_MS) >>> 0, 20)
  return report
}
