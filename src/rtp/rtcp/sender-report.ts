import { MIDDLE_UNITS_PER_MS, ntpMiddleOf, readNtpMs, writeNtp } from '../ntp.js'
import { packetsOf, SENDER_REPORT, SOURCE_DESCRIPTION } from './compound.js'

const ITEM_CNAME = 1
const SENDER_INFO_END = 28
const MAX_CNAME_BYTES = 255

/** RFC 3550 section 6.4.1: both counters have 32 bits. */
const COUNTER_WRAP = 2 ** 32

/** What an RTCP sender report says of time (RFC 3550 section 6.4.1): both stamps are of one instant. */
export interface SenderReport {
  ssrc: number
  /** The NTP field in milliseconds, from wherever its sender counts; 0 where the sender has no clock. */
  ntpMs: number
  rtpTimestamp: number
}

/** The first sender report of a datagram, which may be a compound; undefined where there is none within its bounds. */
export function parseSenderReport(datagram: Buffer): SenderReport | undefined {
  for (const packet of packetsOf(datagram)) {
    if (packet[1] !== SENDER_REPORT || packet.length < SENDER_INFO_END) continue
    return {
      ssrc: packet.readUInt32BE(4),
      ntpMs: readNtpMs(packet, 8),
      rtpTimestamp: packet.readUInt32BE(16),
    }
  }
  return undefined
}

/** What one of our own sender reports says; packets and octets of payload are counted from the start of the stream. */
export interface OutgoingReport {
  ssrc: number
  /** Unix time of the instant in milliseconds, and the RTP timestamp of a picture that was captured at it. */
  wallMs: number
  rtpTimestamp: number
  packets: number
  octets: number
  cname: string
}

/** A sender report and, as every compound has to have (RFC 3550 section 6.1), the source's canonical name. */
export function writeSenderReport(report: OutgoingReport): Buffer {
  const cname = Buffer.from(report.cname).subarray(0, MAX_CNAME_BYTES)
  // The list of items ends with a null octet, and then at a multiple of four (section 6.5).
  const descriptionBytes = 8 + Math.ceil((2 + cname.length + 1) / 4) * 4
  const compound = Buffer.alloc(SENDER_INFO_END + descriptionBytes)
  compound[0] = 0x80
  compound[1] = SENDER_REPORT
  compound.writeUInt16BE(SENDER_INFO_END / 4 - 1, 2)
  compound.writeUInt32BE(report.ssrc, 4)
  writeNtp(compound, 8, report.wallMs)
  compound.writeUInt32BE(report.rtpTimestamp, 16)
  compound.writeUInt32BE(report.packets % COUNTER_WRAP, 20)
  compound.writeUInt32BE(report.octets % COUNTER_WRAP, 24)
  const description = compound.subarray(SENDER_INFO_END)
  description[0] = 0x81
  description[1] = SOURCE_DESCRIPTION
  description.writeUInt16BE(descriptionBytes / 4 - 1, 2)
  description.writeUInt32BE(report.ssrc, 4)
  description[8] = ITEM_CNAME
  description[9] = cname.length
  cname.copy(description, 10)
  return compound
}

/**
 * How long our packets take to a receiver and its answers take back (RFC 3550 section 6.4.1).
 * @param block one report block of 24 bytes, out of a receiver's report about our stream.
 * @param wallMs Unix time of its arrival, by the clock that our sender reports tell.
 * @returns undefined for a receiver that has had no sender report yet, and for what cannot be.
 */
export function roundTripMs(block: Buffer, wallMs: number): number | undefined {
  if (block.length < 24) return undefined
  const lastReport = block.readUInt32BE(16)
  if (lastReport === 0) return undefined
  const units = (ntpMiddleOf(wallMs) - lastReport - block.readUInt32BE(20)) | 0
  const ms = units / MIDDLE_UNITS_PER_MS
  // Both clocks are rounded: on a short way the answer may seem to come a moment before the question.
  if (ms < -ROUNDING_MS || ms > MAX_ROUND_TRIP_MS) return undefined
  return Math.max(0, ms)
}

const ROUNDING_MS = 3
/** Longer than any way that carries a live picture: then the wall clock was set, or the receiver makes it up. */
const MAX_ROUND_TRIP_MS = 30_000
