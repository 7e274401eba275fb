import { isIPv6 } from 'node:net'
import { plainAddress } from './plain-address.js'

const GROUPS_PER_NETWORK = 4

/** IPv4: the address itself. IPv6: its /64, because a household or server has all of its addresses (RFC 6177). */
export function networkOf(address: string): string {
  const bare = plainAddress(address).toLowerCase()
  if (!isIPv6(bare)) return bare
  const [head = '', tail] = bare.split('::')
  const groups = groupsOf(head)
  if (tail !== undefined) {
    const after = groupsOf(tail)
    groups.push(...Array<string>(8 - groups.length - after.length).fill('0'), ...after)
  }
  return `${groups
    .slice(0, GROUPS_PER_NETWORK)
    .map((group) => parseInt(group, 16).toString(16))
    .join(':')}::/64`
}

/** An IPv4 address at the end stands for the last two groups, which are not part of a /64. */
const groupsOf = (text: string): string[] =>
  text === '' ? [] : text.replace(/\d+\.\d+\.\d+\.\d+$/, '0:0').split(':')
