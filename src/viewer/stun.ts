/** What the UDP mux reads of a STUN message (RFC 8489) before anything else is believed. */

const MAGIC_COOKIE = 0x2112a442
const HEADER_BYTES = 20
const BINDING_REQUEST = 0x0001
const BINDING_ERROR = 0x0111
const USERNAME = 0x0006

/** RFC 8489 section 5 and RFC 7983: the first byte is 0 to 3, the magic cookie follows the length. */
export const isStun = (datagram: Buffer): boolean =>
  datagram.length >= HEADER_BYTES && datagram[0]! < 4 && datagram.readUInt32BE(4) === MAGIC_COOKIE

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
    const length = stun.readUInt16BE(offset + 2)
    const end = offset + 4 + length
    if (end > stun.length) return undefined
    if (stun.readUInt16BE(offset) === USERNAME) return stun.toString('utf8', offset + 4, end).split(':')[0]
    offset = end + ((4 - (length % 4)) % 4)
  }
  return undefined
}
