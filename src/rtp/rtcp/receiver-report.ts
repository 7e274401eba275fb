import { PAYLOAD_FEEDBACK, RECEIVER_REPORT, TRANSPORT_FEEDBACK } from './compound.js'
import { feedbackPacket } from './feedback-packet.js'
import { writeSourceDescription } from './source-description.js'

const MAX_CNAME_BYTES = 64
const FEEDBACK_NACK = 1
const FEEDBACK_APPLICATION = 15
/** Fields of one NACK, each for 17 packets. */
const MAX_NACK_FIELDS = 64
const REMB_MANTISSA_BITS = 18

/** What a report block says of a received stream (RFC 3550 section 6.4.1). */
export interface ReceptionBlock {
  /** 0 to 255, of 256, since the last block. */
  fractionLost: number
  cumulativeLost: number
  highestSequence: number
  /** In timestamp units. */
  jitter: number
}

/** The last sender report of a stream, from which its sender measures the round trip. */
export interface LastReport {
  /** The middle 32 bits of its NTP timestamp. */
  ntpMiddle: number
  /** Since it arrived. */
  delayMs: number
}

/** A receiver report with the CNAME that every compound must have (RFC 3550 sections 6.1 and 6.4.2). */
export function writeReceiverReport(
  ourSsrc: number,
  mediaSsrc: number,
  block: ReceptionBlock | undefined,
  last: LastReport | undefined,
  cname: string,
): Buffer {
  const report = Buffer.alloc(block === undefined ? 8 : 32)
  report[0] = block === undefined ? 0x80 : 0x81
  report[1] = RECEIVER_REPORT
  report.writeUInt16BE(report.length / 4 - 1, 2)
  report.writeUInt32BE(ourSsrc, 4)
  if (block !== undefined) {
    report.writeUInt32BE(mediaSsrc, 8)
    report[12] = block.fractionLost
    report.writeUIntBE(block.cumulativeLost, 13, 3)
    report.writeUInt32BE(block.highestSequence, 16)
    report.writeUInt32BE(block.jitter, 20)
    report.writeUInt32BE(last?.ntpMiddle ?? 0, 24)
    report.writeUInt32BE(Math.round(((last?.delayMs ?? 0) * 65_536) / 1000) >>> 0, 28)
  }
  return Buffer.concat([
    report,
    writeSourceDescription(ourSsrc, Buffer.from(cname).subarray(0, MAX_CNAME_BYTES)),
  ])
}

/** RFC 4585 section 6.2.1: a sequence number and a bit mask of the following sixteen. @param lost ascending, modulo 2^16. */
export function writeNack(ourSsrc: number, mediaSsrc: number, lost: readonly number[]): Buffer {
  const fields: { first: number; following: number }[] = []
  for (const sequence of lost) {
    const field = fields.at(-1)
    const behind = field === undefined ? 0 : (sequence - field.first) & 0xffff
    if (field !== undefined && behind >= 1 && behind <= 16) field.following |= 1 << (behind - 1)
    else if (fields.length < MAX_NACK_FIELDS) fields.push({ first: sequence, following: 0 })
    else break
  }
  const nack = feedbackPacket(TRANSPORT_FEEDBACK, FEEDBACK_NACK, ourSsrc, mediaSsrc, 4 * fields.length)
  fields.forEach(({ first, following }, i) => {
    nack.writeUInt16BE(first, 12 + 4 * i)
    nack.writeUInt16BE(following, 14 + 4 * i)
  })
  return nack
}

/** draft-alvestrand-rmcat-remb-03 section 2.2: six bits of exponent, eighteen of mantissa. */
export function writeRemb(ourSsrc: number, mediaSsrc: number, bitrateBps: number): Buffer {
  const remb = feedbackPacket(PAYLOAD_FEEDBACK, FEEDBACK_APPLICATION, ourSsrc, 0, 12)
  const exponent = Math.max(0, Math.ceil(Math.log2(bitrateBps + 1)) - REMB_MANTISSA_BITS)
  const mantissa = Math.floor(bitrateBps / 2 ** exponent)
  remb.write('REMB', 12, 'latin1')
  remb[16] = 1
  remb.writeUIntBE(exponent * 2 ** REMB_MANTISSA_BITS + mantissa, 17, 3)
  remb.writeUInt32BE(mediaSsrc, 20)
  return remb
}
