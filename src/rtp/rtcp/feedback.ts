import {
  BYE,
  EXTENDED_REPORT,
  packetsOf,
  PAYLOAD_FEEDBACK,
  RECEIVER_REPORT,
  SENDER_REPORT,
  TRANSPORT_FEEDBACK,
} from './compound.js'
import { feedbackPacket } from './feedback-packet.js'
import { parseReferenceTime, type ReferenceTime } from './extended-report.js'

/** Feedback message types (RFC 4585 section 6.2 and 6.3, RFC 5104 section 4.3). */
const FEEDBACK_NACK = 1
const FEEDBACK_PLI = 1
const FEEDBACK_FIR = 4
const FEEDBACK_APPLICATION = 15
const REMB_IDENTIFIER = 0x52454d42
const REPORT_BLOCK_BYTES = 24
/** A browser requests some tens at once. With more losses it needs a keyframe. */
const MAX_LOST = 256

/** A viewer's feedback about its stream. */
export interface Feedback {
  /** Picture Loss Indications (RFC 4585 section 6.3.1). */
  pli: number
  /** New Full Intra Requests (RFC 5104 section 4.3.1). */
  fir: number
  /** Sequence numbers of generic NACKs (RFC 4585 section 6.2.1); bounded. */
  lost: number[]
  bye: boolean
  report: ReceptionReport | undefined
  /** The receiver's bandwidth estimate, bit/s (draft-alvestrand-rmcat-remb-03). */
  rembBps: number | undefined
  referenceTime: ReferenceTime | undefined
}

/** RFC 3550 section 6.4.1. */
export interface ReceptionReport {
  fractionLost: number
  cumulativeLost: number
  /** Extended: the high 16 bits count the wraps. */
  highestSequence: number
  block: Buffer
}

/** RFC 5104 section 4.3.1: a repeated command sequence number is the same request. */
export interface FirMemory {
  lastCommandSequence: number | undefined
}

/** Truncated packets are ignored. @param compound decrypted. @param ssrc feedback about other streams is ignored. */
export function parseFeedback(compound: Buffer, ssrc: number, fir: FirMemory): Feedback {
  const feedback: Feedback = {
    pli: 0,
    fir: 0,
    lost: [],
    bye: false,
    report: undefined,
    rembBps: undefined,
    referenceTime: undefined,
  }
  for (const packet of packetsOf(compound)) {
    const type = packet[1]!
    const format = packet[0]! & 0x1f
    if (type === BYE) feedback.bye = true
    else if (type === RECEIVER_REPORT) feedback.report = reportIn(packet, 8, ssrc) ?? feedback.report
    else if (type === SENDER_REPORT) feedback.report = reportIn(packet, 28, ssrc) ?? feedback.report
    else if (type === TRANSPORT_FEEDBACK && format === FEEDBACK_NACK) readNack(packet, ssrc, feedback.lost)
    else if (type === PAYLOAD_FEEDBACK && format === FEEDBACK_PLI)
      feedback.pli += isPliFor(packet, ssrc) ? 1 : 0
    else if (type === PAYLOAD_FEEDBACK && format === FEEDBACK_FIR)
      feedback.fir += isNewFir(packet, ssrc, fir) ? 1 : 0
    else if (type === PAYLOAD_FEEDBACK && format === FEEDBACK_APPLICATION)
      feedback.rembBps = rembIn(packet, ssrc) ?? feedback.rembBps
    else if (type === EXTENDED_REPORT)
      feedback.referenceTime = parseReferenceTime(packet) ?? feedback.referenceTime
  }
  return feedback
}

/** A reduced-size PLI (RFC 5506); a GStreamer rtpsession forwards it to the encoder. */
export const writePli = (senderSsrc: number, mediaSsrc: number): Buffer =>
  feedbackPacket(PAYLOAD_FEEDBACK, FEEDBACK_PLI, senderSsrc, mediaSsrc)

function reportIn(packet: Buffer, firstBlock: number, ssrc: number): ReceptionReport | undefined {
  const blocks = packet[0]! & 0x1f
  for (let i = 0, offset = firstBlock; i < blocks; i++, offset += REPORT_BLOCK_BYTES) {
    const block = packet.subarray(offset, offset + REPORT_BLOCK_BYTES)
    if (block.length < REPORT_BLOCK_BYTES) return undefined
    if (block.readUInt32BE(0) !== ssrc) continue
    return {
      fractionLost: block[4]! / 256,
      cumulativeLost: block.readIntBE(5, 3),
      highestSequence: block.readUInt32BE(8),
      block,
    }
  }
  return undefined
}

/** Section 2.2 of the draft: six bits of exponent, eighteen of mantissa, then the SSRCs that share the bandwidth. */
function rembIn(packet: Buffer, ssrc: number): number | undefined {
  if (packet.length < 24 || packet.readUInt32BE(12) !== REMB_IDENTIFIER) return undefined
  const streams = packet[16]!
  let includesOurs = false
  for (let i = 0, offset = 20; i < streams && offset + 4 <= packet.length; i++, offset += 4)
    includesOurs ||= packet.readUInt32BE(offset) === ssrc
  const mantissa = packet.readUIntBE(17, 3) & 0x3ffff
  return includesOurs ? mantissa * 2 ** (packet[17]! >> 2) : undefined
}

/** RFC 4585 section 6.2.1: a packet id and a bit mask of the following sixteen. */
function readNack(packet: Buffer, ssrc: number, lost: number[]): void {
  if (packet.length < 12 || packet.readUInt32BE(8) !== ssrc) return
  for (let offset = 12; offset + 4 <= packet.length && lost.length < MAX_LOST; offset += 4) {
    const first = packet.readUInt16BE(offset)
    lost.push(first)
    const following = packet.readUInt16BE(offset + 2)
    for (let bit = 0; bit < 16; bit++)
      if ((following & (1 << bit)) !== 0) lost.push((first + bit + 1) & 0xffff)
  }
}

const isPliFor = (packet: Buffer, ssrc: number): boolean =>
  packet.length >= 12 && packet.readUInt32BE(8) === ssrc

/** RFC 5104 section 4.3.1.1: entries of 8 bytes have the target SSRCs. */
function isNewFir(packet: Buffer, ssrc: number, memory: FirMemory): boolean {
  for (let offset = 12; offset + 8 <= packet.length; offset += 8) {
    if (packet.readUInt32BE(offset) !== ssrc) continue
    const command = packet[offset + 4]!
    if (command === memory.lastCommandSequence) continue
    memory.lastCommandSequence = command
    return true
  }
  return false
}
