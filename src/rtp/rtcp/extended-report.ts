import { MIDDLE_UNITS_PER_MS } from '../ntp.js'
import { EXTENDED_REPORT } from './compound.js'

/** Block types: RFC 3611 sections 4.4 and 4.5. */
const RECEIVER_REFERENCE_TIME = 4
const DLRR = 5

/**
 * A receiver's clock, sent along to be given back: one that sends no media has no other way to learn the round trip
 * (RFC 3611 section 4.4).
 */
export interface ReferenceTime {
  /** Of the receiver. */
  ssrc: number
  /** The middle 32 bits of its NTP timestamp, as they are. */
  ntpMiddle: number
}

/** @param packet one extended report, of the length it says; undefined where no block of it asks for the round trip. */
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

/**
 * Gives a receiver its clock back (RFC 3611 section 4.5); follows a sender report in a compound.
 * @param ssrc ours. @param delayMs how long we have had it.
 */
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
