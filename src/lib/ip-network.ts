import { isIPv6 } from 'node:net'

const GROUPS_OF_A_NETWORK = 4

/**
 * Whom an address stands for: itself with IPv4, its /64 with IPv6, for that is what one household or one rented server
 * has (RFC 6177), and it may use all of its addresses.
 */
export function networkOf(address: string): string {
  const bare = address.replace(/%.*$/s, '').toLowerCase()
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare)?.[1]
  if (mapped !== undefined) return mapped
  if (!isIPv6(bare)) return bare
  const [head = '', tail] = bare.split('::')
  const groups = groupsOf(head)
  if (tail !== undefined) {
    const after = groupsOf(tail)
    groups.push(...Array<string>(8 - groups.length - after.length).fill('0'), ...after)
  }
  return `${groups
    .slice(0, GROUPS_OF_A_NETWORK)
    .map((group) => parseInt(group, 16).toString(16))
    .join(':')}::/64`
}

/** An IPv4 address at the end takes the place of two groups, of which no /64 has one. */
const groupsOf = (text: string): string[] =>
  text === '' ? [] : text.replace(/\d+\.\d+\.\d+\.\d+$/, '0:0').split(':')
