import { MIDDLE_UNITS_PER_MS, ntpMiddleOf, readNtpMs, writeNtp } from '../ntp.js'
import { packetsOf, SENDER_REPORT } from './compound.js'
import { writeSourceDescription } from './source-description.js'

const SENDER_INFO_END = 28
const MAX_CNAME_BYTES = 255

const COUNTER_WRAP = 2 ** 32

/** RFC 3550 section 6.4.1: two timestamps of the same instant. */
export interface SenderReport {
  ssrc: number
  /** The NTP field, from the sender's epoch; 0 if the sender has no clock. */
  ntpMs: number
  rtpTimestamp: number
}

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

export interface OutgoingReport {
  ssrc: number
  wallMs: number
  rtpTimestamp: number
  packets: number
  octets: number
  cname: string
}

/** A sender report and the CNAME that every compound must have (RFC 3550 section 6.1). */
export function writeSenderReport(report: OutgoingReport): Buffer {
  const info = Buffer.alloc(SENDER_INFO_END)
  info[0] = 0x80
  info[1] = SENDER_REPORT
  info.writeUInt16BE(SENDER_INFO_END / 4 - 1, 2)
  info.writeUInt32BE(report.ssrc, 4)
  writeNtp(info, 8, report.wallMs)
  info.writeUInt32BE(report.rtpTimestamp, 16)
  info.writeUInt32BE(report.packets % COUNTER_WRAP, 20)
  info.writeUInt32BE(report.octets % COUNTER_WRAP, 24)
  const cname = Buffer.from(report.cname).subarray(0, MAX_CNAME_BYTES)
  return Buffer.concat([info, writeSourceDescription(report.ssrc, cname)])
}

/**
 * RFC 3550 section 6.4.1.
 * @param block a report block of 24 bytes. @param wallMs Unix time of its arrival, in the clock of our sender reports.
 * @returns undefined before the receiver's first sender report, and for implausible values.
 */
export function roundTripMs(block: Buffer, wallMs: number): number | undefined {
  if (block.length < 24) return undefined
  const lastReport = block.readUInt32BE(16)
  if (lastReport === 0) return undefined
  const units = (ntpMiddleOf(wallMs) - lastReport - block.readUInt32BE(20)) | 0
  const ms = units / MIDDLE_UNITS_PER_MS
  // Both clocks are rounded, so a short round trip may be negative.
  if (ms < -ROUNDING_MS || ms > MAX_ROUND_TRIP_MS) return undefined
  return Math.max(0, ms)
}

const ROUNDING_MS = 3
const MAX_ROUND_TRIP_MS = 30_000
