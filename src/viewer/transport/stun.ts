import {
  attributeValue,
  endOfAttribute,
  FINGERPRINT,
  findAttribute,
  STUN_HEADER_BYTES,
  STUN_MAGIC_COOKIE,
  USERNAME,
} from '../../lib/stun.js'

/** RFC 8489 section 6.1: a message fits into one packet, because nothing reassembles it. Checks have 100 bytes. */
const MAX_MESSAGE_BYTES = 1500

/**
 * RFC 8489 section 5 and RFC 7983. Rejects messages that are too long or continue after their FINGERPRINT (section 14.7): werift
 * computes a checksum for every FINGERPRINT, which takes 1.4 s for 64 kB of them.
 */
export const isStun = (datagram: Buffer): boolean =>
  datagram.length >= STUN_HEADER_BYTES &&
  datagram.length <= MAX_MESSAGE_BYTES &&
  datagram[0]! < 4 &&
  datagram.readUInt32BE(4) === STUN_MAGIC_COOKIE &&
  endsWithFingerprint(datagram)

/**
 * The receiver's half of the USERNAME of a connectivity check, `ours:theirs` (RFC 8445 section 7.2.2).
 * @returns undefined if there is no such attribute or an attribute exceeds the datagram.
 */
export function localUfragOf(stun: Buffer): string | undefined {
  const at = findAttribute(stun, USERNAME)
  return at < 0 ? undefined : attributeValue(stun, at)?.toString().split(':')[0]
}

/** @returns true without a FINGERPRINT too: werift rejects attributes that exceed the datagram. */
function endsWithFingerprint(stun: Buffer): boolean {
  const at = findAttribute(stun, FINGERPRINT)
  return at < 0 || endOfAttribute(stun, at) === stun.length
}
