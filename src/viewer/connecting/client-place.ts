import { isIP } from 'node:net'
import { isInNetwork, isLoopback, isPublic } from '../../lib/address-kind.js'

/**
 * Where a client is. `same-network`: in a network of this machine. `outside`: at a public address. `behind`: at a private address of
 * another network, such as a VPN. `unknown`: on this machine, or behind a proxy on it.
 */
export type Place = 'same-network' | 'outside' | 'behind' | 'unknown'

/** @param networks of this machine, such as `192.168.1.20/24`. */
export function placeOf(client: string, networks: readonly string[]): Place {
  if (isIP(client) === 0 || isLoopback(client)) return 'unknown'
  if (networks.some((network) => isInNetwork(network, client))) return 'same-network'
  return isPublic(client) ? 'outside' : 'behind'
}
