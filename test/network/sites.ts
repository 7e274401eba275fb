import type { Internet, Site } from './internet.js'
import type { Namespace } from './namespaces.js'
import { routeWithNat, type NatKind } from './nat.js'

/** Where the server and the viewer are. */
export interface Sites {
  server: Site
  viewer: Site
}

export type Layout = (internet: Internet, tcpPorts: number[]) => Promise<Sites>

/** A public address, or the routers before a host, the outermost first. */
export type Attachment = 'public' | NatKind | readonly NatKind[]

const attach = async (internet: Internet, attachment: Attachment, tcpPorts: number[] = []): Promise<Site> =>
  attachment === 'public' ? await internet.addHost() : await internet.addHostBehind(attachment, tcpPorts)

/** Two hosts with IPv4. Routers forward the TCP port of the page to the server, and nothing else. */
export const between =
  (server: Attachment, viewer: Attachment): Layout =>
  async (internet, tcpPorts) => ({
    server: await attach(internet, server, tcpPorts),
    viewer: await attach(internet, viewer),
  })

export const ipv6Only: Layout = async (internet, tcpPorts) => ({
  server: await internet.addIpv6HostBehindFirewall(tcpPorts),
  viewer: await internet.addIpv6HostBehindFirewall(),
})

/** The viewer's link carries no larger packets, as a VPN, and its router drops fragments, as many firewalls do. */
export const withMtu =
  (bytes: number, layout: Layout): Layout =>
  async (internet, tcpPorts) => {
    const sites = await layout(internet, tcpPorts)
    const router = sites.viewer.routers.at(-1)!
    for (const [end, name] of [
      [router, 'lan'],
      [sites.viewer.host, 'eth0'],
    ] as const)
      end.run('ip', 'link', 'set', name, 'mtu', String(bytes))
    const rule = 'type filter hook forward priority filter; ip frag-off & 0x3fff != 0 drop;'
    router.feed(`table ip fragments { chain forwards { ${rule} }; }`, 'nft', '-f', '-')
    return sites
  }

const HOME = '192.168.50'
const GUESTS = '192.168.60'

async function addHome(internet: Internet): Promise<{ router: Namespace; server: Site; viewer: Site }> {
  const [router, server, viewer] = [
    await internet.addNamespace(),
    await internet.addNamespace(),
    await internet.addNamespace(),
  ]
  const address = internet.plugIn(router, 'wan')
  const site = (host: Namespace): Site => ({ host, address, routers: [router] })
  return { router, server: site(server), viewer: site(viewer) }
}

const hairpinRules = (address: string, protocol: 'tcp' | 'udp', ports: number[]): string => `
table ip hairpin-${protocol} {
  chain inbound {
    type nat hook prerouting priority dstnat;
    iifname != "wan" ip daddr ${address} ${protocol} dport { ${ports.join(', ')} } dnat to ${HOME}.2
  }
  chain masquerades {
    type nat hook postrouting priority srcnat;
    oifname "lan" ip saddr ${HOME}.0/24 masquerade
  }
}
`

/** Both in one network, and the page is opened at the router's public address. */
export const hairpin: Layout = async (internet, tcpPorts) => {
  const { router, server, viewer } = await addHome(internet)
  router.run('ip', 'link', 'add', 'lan', 'type', 'bridge')
  router.setUp('lan', `${HOME}.1/24`)
  for (const [i, { host }] of [server, viewer].entries()) {
    router.connect(`port${i}`, undefined, host, 'eth0', `${HOME}.${2 + i}/24`)
    router.run('ip', 'link', 'set', `port${i}`, 'master', 'lan')
    host.run('ip', 'route', 'add', 'default', 'via', `${HOME}.1`)
  }
  routeWithNat(router, { kind: 'port-dependent', host: `${HOME}.2`, tcpPorts })
  router.feed(hairpinRules(server.address, 'tcp', tcpPorts), 'nft', '-f', '-')
  return { server, viewer }
}

/** The viewer's network reaches the server's at forwarded ports of the public address only. */
export const guestNetwork =
  (udpPort: number): Layout =>
  async (internet, tcpPorts) => {
    const { router, server, viewer } = await addHome(internet)
    for (const [name, network, { host }] of [
      ['lan', HOME, server],
      ['guests', GUESTS, viewer],
    ] as const) {
      router.connect(name, `${network}.1/24`, host, 'eth0', `${network}.2/24`)
      host.run('ip', 'route', 'add', 'default', 'via', `${network}.1`)
    }
    routeWithNat(router, { kind: 'port-dependent', host: `${HOME}.2`, tcpPorts })
    router.feed(hairpinRules(server.address, 'tcp', tcpPorts), 'nft', '-f', '-')
    router.feed(hairpinRules(server.address, 'udp', [udpPort]), 'nft', '-f', '-')
    const isolation = `
table ip isolation {
  chain forwards {
    type filter hook forward priority filter;
    ct state established accept
    ct status dnat accept
    iifname { "lan", "guests" } oifname { "lan", "guests" } drop
  }
}
`
    router.feed(isolation, 'nft', '-f', '-')
    return { server, viewer }
  }

/** The page is opened at an address of the server's first link; everything it sends leaves by the second. */
export const twoLinks: Layout = async (internet) => {
  const [router, server, viewer] = [
    await internet.addNamespace(),
    await internet.addNamespace(),
    await internet.addNamespace(),
  ]
  // RFC 3704 section 2.4, loose: a reply may come by another link.
  for (const each of [router, server]) each.run('sh', '-c', 'echo 2 > /proc/sys/net/ipv4/conf/all/rp_filter')
  router.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward')
  router.connect('first', '10.1.0.1/24', server, 'eth0', '10.1.0.2/24')
  router.connect('second', '10.2.0.1/24', server, 'wlan0', '10.2.0.2/24')
  router.connect('viewer', '10.3.0.1/24', viewer, 'eth0', '10.3.0.2/24')
  server.run('ip', 'route', 'add', 'default', 'via', '10.2.0.1')
  viewer.run('ip', 'route', 'add', 'default', 'via', '10.3.0.1')
  return {
    server: { host: server, address: '10.1.0.2', routers: [] },
    viewer: { host: viewer, address: '10.3.0.2', routers: [router] },
  }
}
