import type { Namespace } from './namespaces.js'

/**
 * How a router treats UDP (RFC 4787 sections 4.1 and 5).
 * - `full-cone`: one port for all destinations, and every host may send to it
 * - `address-dependent`: one port, and the hosts that were sent to may send to it, from any port
 * - `port-dependent`: one port, and only the addresses and ports that were sent to may send to it (most home routers)
 * - `symmetric`: a port for each destination, with port-dependent filtering
 */
export type NatKind = 'full-cone' | 'address-dependent' | 'port-dependent' | 'symmetric'

export interface NatOptions {
  kind: NatKind
  /** The host behind it. */
  host: string
  /** TCP ports that it forwards to the host; no UDP port is forwarded. */
  tcpPorts?: number[]
}

/** For how long the router remembers a destination. */
const TIMEOUT = '60s'

/** Turns a namespace with the interfaces `wan` and `lan` into a router. */
export function routeWithNat(router: Namespace, options: NatOptions): void {
  router.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward')
  router.feed(natRules(options), 'nft', '-f', '-')
}

/**
 * Masquerading keeps the port if it is free, so it maps independently of the destination, and connection tracking filters by address
 * and port. The wider kinds forward also what a set of earlier destinations allows. UDP for the router itself is dropped: an entry of
 * connection tracking would occupy the port.
 */
export function natRules({ kind, host, tcpPorts = [] }: NatOptions): string {
  const random = kind === 'symmetric' ? ' fully-random' : ''
  const opens = {
    'full-cone': 'update @mapped { udp sport }',
    'address-dependent': 'update @contacted { ip daddr . udp sport }',
  }
  const admits = {
    'full-cone': 'udp dport @mapped',
    'address-dependent': 'ip saddr . udp dport @contacted',
  }
  const isWide = kind === 'full-cone' || kind === 'address-dependent'
  return `
table ip nat {
  set mapped { type inet_service; flags dynamic,timeout; timeout ${TIMEOUT}; }
  set contacted { type ipv4_addr . inet_service; flags dynamic,timeout; timeout ${TIMEOUT}; }
  chain outbound {
    type filter hook forward priority filter;
    ${isWide ? `oifname "wan" meta l4proto udp ${opens[kind]}` : ''}
  }
  chain inbound {
    type nat hook prerouting priority dstnat;
    ${tcpPorts.map((port) => `iifname "wan" tcp dport ${port} dnat to ${host}`).join('\n    ')}
    ${isWide ? `iifname "wan" meta l4proto udp ${admits[kind]} dnat to ${host}` : ''}
  }
  chain itself {
    type filter hook input priority filter;
    iifname "wan" meta l4proto udp drop
  }
  chain masquerades {
    type nat hook postrouting priority srcnat;
    oifname "wan" meta l4proto udp masquerade${random}
    oifname "wan" masquerade
  }
}
`
}

/** Turns a namespace into an IPv6 router that admits only what a host behind it began (RFC 6092), and TCP to some ports. */
export function filterIpv6(router: Namespace, tcpPorts: number[]): void {
  router.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding')
  const admitted = tcpPorts.map((port) => `iifname "wan" tcp dport ${port} accept`).join('\n    ')
  const rules = `
table ip6 firewall {
  chain forwards {
    type filter hook forward priority filter;
    ct state established,related accept
    ${admitted}
    iifname "wan" drop
  }
}
`
  router.feed(rules, 'nft', '-f', '-')
}
