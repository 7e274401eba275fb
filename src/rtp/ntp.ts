/** Seconds from 1900, the epoch of NTP, to 1970 (RFC 5905 figure 4). */
const NTP_TO_UNIX_S = 2_208_988_800
const TWO_TO_32 = 2 ** 32
/** The middle 32 bits of an NTP timestamp count 1/65536 s and wrap every 18 hours (RFC 3550 section 4). */
export const MIDDLE_UNITS_PER_MS = 65_536 / 1000

/** NTP time in milliseconds. It wraps in 2036, as the 32-bit seconds field does. */
export const ntpMsOf = (wallMs: number): number => (wallMs + NTP_TO_UNIX_S * 1000) % (TWO_TO_32 * 1000)

export const ntpMiddleOf = (wallMs: number): number =>
  Math.floor(ntpMsOf(wallMs) * MIDDLE_UNITS_PER_MS) % TWO_TO_32

/** Writes 32 bits of seconds and 32 bits of fraction (RFC 5905 section 6). */
export function writeNtp(bytes: Buffer, at: number, wallMs: number): void {
  const ntpMs = ntpMsOf(wallMs)
  bytes.writeUInt32BE(Math.floor(ntpMs / 1000), at)
  bytes.writeUInt32BE(Math.floor(((ntpMs % 1000) / 1000) * TWO_TO_32), at + 4)
}

export const readNtpMs = (bytes: Buffer, at: number): number =>
  (bytes.readUInt32BE(at) + bytes.readUInt32BE(at + 4) / TWO_TO_32) * 1000
