import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { isIPv4, SocketAddress } from 'node:net'
import {
  attributeValue,
  findAttribute,
  STUN_HEADER_BYTES,
  STUN_MAGIC_COOKIE,
  USERNAME,
  type MappedAddress,
} from '../lib/stun.js'

/** Methods of TURN (RFC 8656 section 17), as requests. */
export const ALLOCATE = 0x0003
export const REFRESH = 0x0004
export const CHANNEL_BIND = 0x0009
export const DATA_INDICATION = 0x0017
const SUCCESS = 0x0100
const ERROR = 0x0110
const CLASS_BITS = 0x0110

/** Attributes (RFC 8656 section 18, RFC 8489 section 18.3). */
const MESSAGE_INTEGRITY = 0x0008
const CHANNEL_NUMBER = 0x000c
const LIFETIME = 0x000d
export const XOR_PEER_ADDRESS = 0x0012
const DATA = 0x0013
const REALM = 0x0014
const NONCE = 0x0015
export const XOR_RELAYED_ADDRESS = 0x0016
const REQUESTED_TRANSPORT = 0x0019

/** RFC 8489 sections 14.9 and 14.10 */
const MAX_REALM_BYTES = 763
const UDP = 17
const MAC_BYTES = 20

/** With which requests are authenticated (RFC 8489 section 9.2). */
export interface Credentials {
  username: string
  realm: Buffer
  nonce: Buffer
  key: Buffer
}

export interface Challenge {
  realm: Buffer | undefined
  nonce: Buffer
}

type Attribute = readonly [type: number, value: Buffer]

/** Of a server that challenges with a realm (RFC 8489 section 9.2.2). */
export const longTermKey = (username: string, realm: Buffer, password: string): Buffer =>
  createHash('md5')
    .update(Buffer.concat([Buffer.from(`${username}:`), realm, Buffer.from(`:${password}`)]))
    .digest()

/** @param transaction 12 random bytes. */
export function writeRequest(
  type: number,
  transaction: Buffer,
  attributes: readonly Attribute[],
  credentials: Credentials | undefined,
): Buffer {
  const proof: Attribute[] =
    credentials === undefined
      ? []
      : [
          [USERNAME, Buffer.from(credentials.username)],
          [REALM, credentials.realm],
          [NONCE, credentials.nonce],
        ]
  const body = Buffer.concat([...attributes, ...proof].map(encoded))
  if (credentials === undefined) return Buffer.concat([header(type, transaction, body.length), body])
  // RFC 8489 section 14.5: the length includes MESSAGE-INTEGRITY, its value is not covered.
  const covered = Buffer.concat([header(type, transaction, body.length + 4 + MAC_BYTES), body])
  return Buffer.concat([covered, encoded([MESSAGE_INTEGRITY, mac(covered, credentials.key)])])
}

export const requestedTransport = (): Attribute => [REQUESTED_TRANSPORT, Buffer.of(UDP, 0, 0, 0)]

export const lifetime = (seconds: number): Attribute => [LIFETIME, uint32(seconds)]

export const channelNumber = (channel: number): Attribute => [
  CHANNEL_NUMBER,
  Buffer.of(channel >> 8, channel & 0xff, 0, 0),
]

/** XOR-PEER-ADDRESS (RFC 8656 section 18.3). @param transaction of the request. */
export function peerAddress({ address, port }: MappedAddress, transaction: Buffer): Attribute {
  const mask = Buffer.concat([uint32(STUN_MAGIC_COOKIE), transaction])
  const plain = isIPv4(address) ? Buffer.from(address.split('.').map(Number)) : ipv6Bytes(address)
  const value = Buffer.alloc(4 + plain.length)
  value[1] = plain.length === 4 ? 1 : 2
  value.writeUInt16BE(port ^ (STUN_MAGIC_COOKIE >>> 16), 2)
  for (const [i, byte] of plain.entries()) value[4 + i] = byte ^ mask[i]!
  return [XOR_PEER_ADDRESS, value]
}

/** RFC 8489 section 5 */
export const isStunMessage = (message: Buffer): boolean =>
  message.length >= STUN_HEADER_BYTES && message[0]! < 4 && message.readUInt32BE(4) === STUN_MAGIC_COOKIE

/** Whether a message is a response to a request of this type. */
export const isSuccessOf = (message: Buffer, type: number): boolean =>
  message.readUInt16BE(0) === (type | SUCCESS)
export const isErrorOf = (message: Buffer, type: number): boolean =>
  message.readUInt16BE(0) === (type | ERROR)
export const isResponse = (message: Buffer): boolean => {
  const ofClass = message.readUInt16BE(0) & CLASS_BITS
  return ofClass === SUCCESS || ofClass === ERROR
}

/** @returns what comes before a MESSAGE-INTEGRITY that is right, which is all that counts; undefined without one. */
export function authenticatedPart(message: Buffer, key: Buffer): Buffer | undefined {
  const at = findAttribute(message, MESSAGE_INTEGRITY)
  const value = at < 0 ? undefined : attributeValue(message, at)
  if (value?.length !== MAC_BYTES) return undefined
  const covered = Buffer.from(message.subarray(0, at))
  covered.writeUInt16BE(at - STUN_HEADER_BYTES + 4 + MAC_BYTES, 2)
  return timingSafeEqual(mac(covered, key), value) ? message.subarray(0, at) : undefined
}

/** Of a 401 or 438; undefined without a nonce that can be sent back. */
export function challengeOf(message: Buffer): Challenge | undefined {
  const nonce = valueOf(message, NONCE)
  const realm = valueOf(message, REALM)
  if (nonce === undefined || nonce.length > MAX_REALM_BYTES || (realm?.length ?? 0) > MAX_REALM_BYTES)
    return undefined
  return { nonce: Buffer.from(nonce), realm: realm && Buffer.from(realm) }
}

/** In seconds; undefined if it is missing. */
export function lifetimeOf(message: Buffer): number | undefined {
  const value = valueOf(message, LIFETIME)
  return value?.length === 4 ? value.readUInt32BE() : undefined
}

/** What a Data indication carries. */
export const dataOf = (message: Buffer): Buffer | undefined => valueOf(message, DATA)

const valueOf = (message: Buffer, type: number): Buffer | undefined => {
  const at = findAttribute(message, type)
  return at < 0 ? undefined : attributeValue(message, at)
}

function header(type: number, transaction: Buffer, length: number): Buffer {
  const start = Buffer.alloc(8)
  start.writeUInt16BE(type)
  start.writeUInt16BE(length, 2)
  start.writeUInt32BE(STUN_MAGIC_COOKIE, 4)
  return Buffer.concat([start, transaction])
}

function encoded([type, value]: Attribute): Buffer {
  const bytes = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4)
  bytes.writeUInt16BE(type)
  bytes.writeUInt16BE(value.length, 2)
  value.copy(bytes, 4)
  return bytes
}

const mac = (covered: Buffer, key: Buffer): Buffer => createHmac('sha1', key).update(covered).digest()

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** @param address that SocketAddress accepts. */
function ipv6Bytes(address: string): Buffer {
  const plain = new SocketAddress({ address, family: 'ipv6' }).address
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(plain)
  const hex = (high: string, low: string): string => ((Number(high) << 8) | Number(low)).toString(16)
  const text =
    dotted === null ? plain : `${dotted[1]}${hex(dotted[2]!, dotted[3]!)}:${hex(dotted[4]!, dotted[5]!)}`
  const [head = [], tail = []] = text.split('::').map((half) => (half === '' ? [] : half.split(':')))
  const groups = [...head, ...Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0'), ...tail]
  return Buffer.concat(
    groups.map((group) => {
      const value = Number.parseInt(group, 16)
      return Buffer.of(value >> 8, value & 0xff)
    }),
  )
}
