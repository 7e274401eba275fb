/** STUN messages (RFC 8489) without MESSAGE-INTEGRITY, which werift checks. */

export const STUN_MAGIC_COOKIE = 0x2112a442
export const STUN_HEADER_BYTES = 20
export const USERNAME = 0x0006
export const FINGERPRINT = 0x8028
const BINDING_REQUEST = 0x0001
const BINDING_SUCCESS = 0x0101
const BINDING_ERROR = 0x0111
const XOR_MAPPED_ADDRESS = 0x0020
const IPV4 = 1

export const isBindingRequest = (stun: Buffer): boolean => stun.readUInt16BE(0) === BINDING_REQUEST
export const isBindingError = (stun: Buffer): boolean => stun.readUInt16BE(0) === BINDING_ERROR

/** The 96 bits that pair a response with its request, as a map key. */
export const transactionIdOf = (stun: Buffer): string => stun.toString('latin1', 8, STUN_HEADER_BYTES)

/**
 * Only the first attribute of a type counts (RFC 8489 section 14).
 * @returns where it starts; -1 if it is missing or an attribute before it exceeds the message.
 */
export function findAttribute(stun: Buffer, type: number): number {
  for (let at = STUN_HEADER_BYTES; at + 4 <= stun.length; at = endOfAttribute(stun, at))
    if (stun.readUInt16BE(at) === type) return at
  return -1
}

/** Attributes are padded to four bytes (RFC 8489 section 14). */
export function endOfAttribute(stun: Buffer, at: number): number {
  const length = stun.readUInt16BE(at + 2)
  return at + 4 + length + ((4 - (length % 4)) % 4)
}

/** @returns undefined if the value exceeds the message. */
export function attributeValue(stun: Buffer, at: number): Buffer | undefined {
  const end = at + 4 + stun.readUInt16BE(at + 2)
  return end <= stun.length ? stun.subarray(at + 4, end) : undefined
}

/** A request without attributes. @param transaction 12 random bytes. */
export function writeBindingRequest(transaction: Buffer): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt16BE(BINDING_REQUEST)
  header.writeUInt32BE(STUN_MAGIC_COOKIE, 4)
  return Buffer.concat([header, transaction])
}

export const isBindingSuccess = (datagram: Buffer, transaction: Buffer): boolean =>
  datagram.length >= STUN_HEADER_BYTES &&
  datagram.readUInt16BE(0) === BINDING_SUCCESS &&
  datagram.readUInt32BE(4) === STUN_MAGIC_COOKIE &&
  datagram.subarray(8, STUN_HEADER_BYTES).equals(transaction)

/** XOR-MAPPED-ADDRESS (RFC 8489 section 14.2), IPv4 only. */
export function mappedAddressOf(stun: Buffer): string | undefined {
  const at = findAttribute(stun, XOR_MAPPED_ADDRESS)
  const value = at < 0 ? undefined : attributeValue(stun, at)
  if (value?.length !== 8 || value[1] !== IPV4) return undefined
  const address = (value.readUInt32BE(4) ^ STUN_MAGIC_COOKIE) >>> 0
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.')
}
