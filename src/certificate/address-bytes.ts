import { isIPv4, isIPv6 } from 'node:net'

/** The 4 or 16 bytes of an IP address; undefined if it is none. */
export function addressBytes(address: string): Buffer | undefined {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number))
  if (!isIPv6(address) || address.includes('%')) return undefined
  // The URL parser writes an IPv4 part as two groups (WHATWG URL, IPv6 serializer).
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const groups = groupsOf(head)
  if (tail !== undefined) {
    const after = groupsOf(tail)
    groups.push(...Array<string>(8 - groups.length - after.length).fill('0'), ...after)
  }
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex')
}

const groupsOf = (text: string): string[] => (text === '' ? [] : text.split(':'))
