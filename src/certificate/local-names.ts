import { isIP } from 'node:net'
import type { NetworkInterfaceInfo } from 'node:os'
import { isHostName } from '../lib/host-name.js'
import { network, permits, type Permitted } from './name-constraints.js'

/** Networks whose addresses no two households share on the internet, each with its RFC. */
const LOCAL_NETWORKS: [address: string, prefixBits: number][] = [
  ['127.0.0.0', 8], // 1122, loopback
  ['10.0.0.0', 8], // 1918
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16], // 3927, link-local: a cable without DHCP
  ['100.64.0.0', 10], // 6598, also used by Tailscale
  ['::1', 128],
  ['fc00::', 7], // 4193
  ['fe80::', 10], // 4291
]

/** Domains that are not delegated in the DNS: RFC 6762, 6761 and 8375, ICANN's `internal`, and what routers use. */
const LOCAL_DOMAINS = ['local', 'localhost', 'home.arpa', 'internal', 'lan', 'home']

/** What every certificate authority of a home may sign. */
const LOCAL: Permitted = {
  names: LOCAL_DOMAINS,
  networks: LOCAL_NETWORKS.map(([address, prefixBits]) => network(address, prefixBits)),
}

/** @param extra names and addresses outside of these, each of which is permitted as it is. */
export function permittedWith(extra: readonly string[]): Permitted {
  const others = [...new Set(extra)].filter((name) => !permits(LOCAL, name))
  return {
    names: [...LOCAL.names, ...others.filter((name) => isIP(name) === 0)],
    networks: [
      ...LOCAL.networks,
      ...others.filter((name) => isIP(name) !== 0).map((name) => network(name, isIP(name) === 4 ? 32 : 128)),
    ],
  }
}

export interface Machine {
  /** In lower case: the host name, alone and with its domains. */
  machineNames: Iterable<string>
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>
  /** Names and addresses of the configuration. */
  configured?: readonly string[]
}

/**
 * Under which names and addresses browsers in the local network reach this machine. Public addresses are left out: a provider changes
 * them, and a certificate authority that could sign them could imitate other sites.
 */
export function localNames({ machineNames, interfaces, configured = [] }: Machine): string[] {
  const addresses = Object.values(interfaces)
    .flatMap((list) => list ?? [])
    .map(({ address }) => address)
    // Browsers have no link-local IPv6 addresses in a URL: they need a zone.
    .filter((address) => !/^fe[89ab]/i.test(address) && permits(LOCAL, address))
  return [
    ...new Set([
      ...[...machineNames].filter(isHostName),
      'localhost',
      ...addresses,
      '127.0.0.1',
      '::1',
      ...configured.filter((name) => isIP(name) !== 0 || isHostName(name)),
    ]),
  ]
}
