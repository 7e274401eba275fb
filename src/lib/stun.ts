/** STUN messages (RFC 8489) without MESSAGE-INTEGRITY, which werift checks. */

import { SocketAddress } from 'node:net'

export const STUN_MAGIC_COOKIE = 0x2112a442
export const STUN_HEADER_BYTES = 20
export const USERNAME = 0x0006
export const FINGERPRINT = 0x8028
const BINDING_REQUEST = 0x0001
const BINDING_SUCCESS = 0x0101
const BINDING_ERROR = 0x0111
const XOR_MAPPED_ADDRESS = 0x0020
const ERROR_CODE = 0x0009
const OTHER_ADDRESS = 0x802c
/** Of the value of an address attribute, by family. */
const ADDRESS_BYTES: readonly (number | undefined)[] = [undefined, 8, 20]

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

/** @param uri `stun:host:port`, as the configuration has it. */
export function stunServerOf(uri: string): { host: string; port: number } {
  const [, host = '', port = ''] = /^stun:(.*):(\d+)$/.exec(uri) ?? []
  return { host: host.replaceAll(/^\[|\]$/g, ''), port: Number(port) }
}

/** A transport address as a STUN server sees it. */
export interface MappedAddress {
  address: string
  port: number
}

/** XOR-MAPPED-ADDRESS (RFC 8489 section 14.2). */
export const mappedAddressOf = (stun: Buffer): MappedAddress | undefined =>
  xorAddressOf(stun, XOR_MAPPED_ADDRESS)

/** An attribute with the encoding of XOR-MAPPED-ADDRESS. */
export function xorAddressOf(stun: Buffer, type: number): MappedAddress | undefined {
  const at = findAttribute(stun, type)
  const value = at < 0 ? undefined : attributeValue(stun, at)
  if (value === undefined || value.length !== ADDRESS_BYTES[value[1]!]) return undefined
  const port = value.readUInt16BE(2) ^ (STUN_MAGIC_COOKIE >>> 16)
  // The cookie, and for IPv6 the transaction id behind it.
  const address = value.subarray(4).map((byte, i) => byte ^ stun[4 + i]!)
  return { address: address.length === 4 ? address.join('.') : ipv6Text(Buffer.from(address)), port }
}

function ipv6Text(address: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => address.readUInt16BE(2 * i).toString(16))
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address // the shortest form (RFC 5952)
}

/** OTHER-ADDRESS (RFC 5780 section 7.4): another IPv4 address and port of the server, for a second question. */
export function otherAddressOf(stun: Buffer): MappedAddress | undefined {
  const at = findAttribute(stun, OTHER_ADDRESS)
  const value = at < 0 ? undefined : attributeValue(stun, at)
  if (value === undefined || value.length !== ADDRESS_BYTES[1] || value[1] !== 1) return undefined
  return { address: value.subarray(4).join('.'), port: value.readUInt16BE(2) }
}

/** ERROR-CODE (RFC 8489 section 14.8), 300 to 699. */
export function errorCodeOf(stun: Buffer): number | undefined {
  const at = findAttribute(stun, ERROR_CODE)
  const value = at < 0 ? undefined : attributeValue(stun, at)
  return value === undefined || value.length < 4 ? undefined : (value[2]! & 7) * 100 + value[3]!
}
