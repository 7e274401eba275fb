/** What the UDP mux reads of a STUN message (RFC 8489) before anything else is believed. */

const MAGIC_COOKIE = 0x2112a442
const HEADER_BYTES = 20
/** RFC 8489 section 6.1: a message fits a packet of its path, for there is nothing to put a cut one together. Checks have 100. */
const MAX_MESSAGE_BYTES = 1500
const BINDING_REQUEST = 0x0001
const BINDING_ERROR = 0x0111
const USERNAME = 0x0006
const FINGERPRINT = 0x8028

/**
 * RFC 8489 section 5 and RFC 7983: the first byte is 0 to 3, the magic cookie follows the length. A message that is too long, or
 * goes on after its FINGERPRINT (section 14.7), is none: werift computes the checksum of all before each FINGERPRINT it meets,
 * 1.4 s for 64 kB of them.
 */
export const isStun = (datagram: Buffer): boolean =>
  datagram.length >= HEADER_BYTES &&
  datagram.length <= MAX_MESSAGE_BYTES &&
  datagram[0]! < 4 &&
  datagram.readUInt32BE(4) === MAGIC_COOKIE &&
  endsWithFingerprint(datagram)

export const isBindingRequest = (stun: Buffer): boolean => stun.readUInt16BE(0) === BINDING_REQUEST
export const isBindingError = (stun: Buffer): boolean => stun.readUInt16BE(0) === BINDING_ERROR

/** The 96 bits that pair a response with its request, as a map key. */
export const transactionIdOf = (stun: Buffer): string => stun.toString('latin1', 8, HEADER_BYTES)

/**
 * The receiver's half of the USERNAME of a connectivity check: `ours:theirs` (RFC 8445 section 7.2.2).
 * @returns undefined where there is no such attribute or the attributes run past the datagram.
 */
export function localUfragOf(stun: Buffer): string | undefined {
  for (let offset = HEADER_BYTES; offset + 4 <= stun.length;) {
    const end = offset + 4 + stun.readUInt16BE(offset + 2)
    if (end > stun.length) return undefined
    if (stun.readUInt16BE(offset) === USERNAME) return stun.toString('utf8', offset + 4, end).split(':')[0]
    offset = endOfAttribute(stun, offset)
  }
  return undefined
}

/** @returns true also where there is no FINGERPRINT, or the attributes run past the datagram, which is found out later. */
function endsWithFingerprint(stun: Buffer): boolean {
  for (let offset = HEADER_BYTES; offset + 4 <= stun.length;) {
    const end = endOfAttribute(stun, offset)
    if (stun.readUInt16BE(offset) === FINGERPRINT) return end === stun.length
    offset = end
  }
  return true
}

/** Attributes are padded to four bytes (RFC 8489 section 14). */
const endOfAttribute = (stun: Buffer, offset: number): number => {
  const length = stun.readUInt16BE(offset + 2)
  return offset + 4 + length + ((4 - (length % 4)) % 4)
}
