import { isIPv4 } from 'node:net'

const AF_INET = 2
/** Linux; in the byte order of the processor, as AF_INET. */
const AF_INET6 = 10
export const IPV4_NAME_BYTES = 16
export const IPV6_NAME_BYTES = 28
const LOOPBACK = 0x7f000001

/** `struct sockaddr_in`, or `sockaddr_in6` for an IPv6 socket, to which IPv4 addresses are mapped (RFC 4291 section 2.5.5.2). */
export function socketAddress(address: string, port: number, isIpv6Socket: boolean): Buffer {
  const name = Buffer.alloc(isIpv6Socket ? IPV6_NAME_BYTES : IPV4_NAME_BYTES)
  name.writeUInt16LE(isIpv6Socket ? AF_INET6 : AF_INET, 0)
  name.writeUInt16BE(port, 2)
  if (!isIpv6Socket) ipv4Bytes(address).copy(name, 4)
  else if (isIPv4(address)) {
    name.writeUInt16BE(0xffff, 18)
    ipv4Bytes(address).copy(name, 20)
  } else ipv6Bytes(address).copy(name, 8)
  return name
}

const ipv4Bytes = (address: string): Buffer => Buffer.from(address.split('.').map(Number))

/** RFC 4291 section 2.2. */
function ipv6Bytes(address: string): Buffer {
  const bytes = Buffer.alloc(16)
  // An IPv4 address at the end stands for two groups.
  const groups = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...quad: string[]) => {
    const [a, b, c, d] = quad.map(Number) as [number, number, number, number]
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  })
  const [head, tail] = groups.split('::').map((part) => (part === '' ? [] : part.split(':')))
  for (const [i, group] of head!.entries()) bytes.writeUInt16BE(parseInt(group, 16), i * 2)
  for (const [i, group] of (tail ?? []).entries())
    bytes.writeUInt16BE(parseInt(group, 16), 16 - (tail!.length - i) * 2)
  return bytes
}

/** HOT: of a `struct sockaddr_in` at a byte. */
export const portAt = (bytes: Buffer, at: number): number => (bytes[at + 2]! << 8) | bytes[at + 3]!

/** HOT: of a `struct sockaddr_in` at a byte; only an unusual address is formatted. */
export function addressAt(bytes: Buffer, at: number): string {
  return bytes.readUInt32BE(at + 4) === LOOPBACK ? '127.0.0.1' : bytes.subarray(at + 4, at + 8).join('.')
}
