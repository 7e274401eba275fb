import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { isInNetwork, isLoopback, isOfHost, isPublic } from '../lib/address-kind.js'

/** This machine alone reaches it; its network does; everybody does. */
type Reach = 0 | 1 | 2

/**
 * Whether a server may name an address that we then connect to: of what only this machine or its network reaches, another machine must
 * not make us a client.
 * @param by the addresses at which the server answered, those of redirects included.
 * @param networks attached to this machine, as `192.168.1.20/24`: also public addresses of them are reached from inside.
 */
export function mayName(by: readonly string[], address: string, networks = attachedNetworks()): boolean {
  if (!isOfHost(address) || by.length === 0) return false
  const reach = reachOf(address, networks)
  return by.every((own) => reachOf(own, networks) <= reach)
}

function reachOf(address: string, networks: readonly string[]): Reach {
  if (isIP(address) === 0) return 2 // unknown
  if (isLoopback(address)) return 0
  const isInside = networks.some((network) => isInNetwork(network, address))
  return isInside || !isPublic(address) ? 1 : 2
}

const attachedNetworks = (): string[] =>
  Object.values(networkInterfaces()).flatMap((own = []) => own.map(({ cidr }) => cidr ?? ''))
