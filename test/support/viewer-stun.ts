import { createHmac, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** STUN messages (RFC 8489) written by hand, so that a test can write wrong ones. */
export const BINDING_REQUEST = 0x0001
export const BINDING_SUCCESS = 0x0101
export const BINDING_ERROR = 0x0111
export const USERNAME = 0x0006
export const ERROR_CODE = 0x0009
export const XOR_MAPPED_ADDRESS = 0x0020
export const PRIORITY = 0x0024
export const USE_CANDIDATE = 0x0025
export const ICE_CONTROLLING = 0x802a

const MAGIC_COOKIE = 0x2112a442

export type Attribute = [type: number, value: Buffer]

export interface StunFields {
  type: number
  transactionId?: Buffer
  attributes?: Attribute[]
  /** Signs the message with MESSAGE-INTEGRITY; without it there is none. */
  password?: string | Buffer
}

export function writeStun({
  type,
  transactionId = randomBytes(12),
  attributes = [],
  password,
}: StunFields): Buffer {
  let body = Buffer.concat(attributes.map(attributeBytes))
  const head = (length: number): Buffer => {
    const header = Buffer.alloc(8)
    header.writeUInt16BE(type, 0)
    header.writeUInt16BE(length, 2)
    header.writeUInt32BE(MAGIC_COOKIE, 4)
    return Buffer.concat([header, transactionId])
  }
  if (password !== undefined) {
    const signed = Buffer.concat([head(body.length + 24), body])
    const integrity = createHmac('sha1', password).update(signed).digest()
    body = Buffer.concat([body, attributeBytes([0x0008, integrity])])
  }
  const checked = Buffer.concat([head(body.length + 8), body])
  const fingerprint = Buffer.alloc(4)
  fingerprint.writeUInt32BE((crc32(checked) ^ 0x5354554e) >>> 0)
  body = Buffer.concat([body, attributeBytes([0x8028, fingerprint])])
  return Buffer.concat([head(body.length), body])
}

/** A connectivity check of a controlling agent (RFC 8445 section 7.1), with its nomination. */
export const connectivityCheck = (check: {
  to: string
  from?: string
  password?: string | Buffer
  transactionId?: Buffer
  attributes?: Attribute[]
}): Buffer =>
  writeStun({
    type: BINDING_REQUEST,
    ...(check.transactionId === undefined ? {} : { transactionId: check.transactionId }),
    ...(check.password === undefined ? {} : { password: check.password }),
    attributes: [
      [USERNAME, Buffer.from(`${check.to}:${check.from ?? 'them'}`)],
      [PRIORITY, uint32(0x6e7f1eff)],
      [ICE_CONTROLLING, randomBytes(8)],
      [USE_CANDIDATE, Buffer.alloc(0)],
      ...(check.attributes ?? []),
    ],
  })

/** RFC 8489 section 14.8: class and number in a byte each, after two of nothing. */
export const errorCode = (code: number): Attribute => [
  ERROR_CODE,
  Buffer.from([0, 0, Math.floor(code / 100), code % 100]),
]

/** RFC 8489 section 14.2. @param transactionId needed for IPv6. */
export function xorMappedAddress(
  address: string,
  port: number,
  transactionId: Buffer = Buffer.alloc(12),
): Attribute {
  const isIpv6 = address.includes(':')
  const ip = isIpv6 ? ipv6Bytes(address) : Buffer.from(address.split('.').map(Number))
  const key = Buffer.concat([uint32(MAGIC_COOKIE), transactionId])
  const value = Buffer.alloc(4 + ip.length)
  value[1] = isIpv6 ? 2 : 1
  value.writeUInt16BE(port ^ (MAGIC_COOKIE >>> 16), 2)
  ip.forEach((byte, i) => (value[4 + i] = byte ^ key[i]!))
  return [XOR_MAPPED_ADDRESS, value]
}

function ipv6Bytes(address: string): Buffer {
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'))
  const [head = '', tail = ''] = address.replace(/%.*$/, '').split('::')
  const zeros = Array<string>(8 - groups(head).length - groups(tail).length).fill('0')
  const all = [...groups(head), ...zeros, ...groups(tail)]
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex')
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function attributeBytes([type, value]: Attribute): Buffer {
  const header = Buffer.alloc(4)
  header.writeUInt16BE(type, 0)
  header.writeUInt16BE(value.length, 2)
  return Buffer.concat([header, value, Buffer.alloc((4 - (value.length % 4)) % 4)])
}
