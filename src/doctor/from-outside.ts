import { isIP } from 'node:net'
import type { Config } from '../config/types.js'
import { isCarrierGradeNat, isPublic } from '../lib/address-kind.js'
import { stunServerOf } from '../lib/stun.js'
import { ok, warning, type Chapter, type Check } from './check.js'
import { checkFirewall } from './firewall.js'
import type { MappingAnswer } from './mapping-probe.js'
import { readProcesses } from './processes.js'
import { innerRouters, parseDefaultRoute, type Router } from './router.js'
import { checkRunningViewers } from './running-viewers.js'
import type { System } from './system.js'
import { openedPorts } from './wanted-ports.js'

/** What this machine's way to the Internet is like. */
export interface Outside {
  mapping: MappingAnswer | undefined
  router: Router | undefined
  /** Routers with a private address, the nearest first. */
  inner: readonly string[]
  /** Addresses of this machine. */
  own: readonly string[]
  /** That a router forwards to. */
  local: string | undefined
}

/** What viewers from the Internet need: `rpi-webrtc doctor --from-outside`. */
export async function diagnoseFromOutside(config: Config, system: System): Promise<Chapter[]> {
  const [outside, firewall, running] = await Promise.all([
    readOutside(config, system),
    checkFirewall(openedPorts(config), system),
    readProcesses(system).then(async (processes) => await checkRunningViewers(config, system, processes)),
  ])
  const announced = await assessAnnounced(config, outside, async (name) => await system.resolveName(name))
  return [
    {
      title: 'From outside',
      checks: [
        assessPublicAddress(config, outside),
        ...assessMapping(config, outside),
        assessForwarding(config, outside),
        ...announced,
        assessIpv6(config, outside),
        assessTurn(config, outside),
      ],
    },
    { title: 'This machine', checks: [...firewall, ...running] },
  ]
}

async function readOutside({ server, webrtc }: Config, system: System): Promise<Outside> {
  const { stunServer, udpPort } = webrtc
  const [mapping, route, inner] = await Promise.all([
    stunServer === undefined ? undefined : system.askMapping(stunServer, udpPort),
    system.readText('/proc/net/route'),
    stunServer === undefined ? [] : innerRouters(system, stunServerOf(stunServer).host),
  ])
  const router = parseDefaultRoute(route ?? '')
  const interfaces = system.interfaces()
  const infos = Object.values(interfaces).flatMap((some) => some ?? [])
  const onRoute = interfaces[router?.interface ?? '']?.find(({ family }) => family === 'IPv4')?.address
  const own = infos.filter(({ internal }) => !internal).map(({ address }) => address)
  return { mapping, router, inner, own, local: server.piIp ?? onRoute }
}

const answered = ({ mapping }: Outside) => (mapping?.kind === 'answered' ? mapping : undefined)

export function assessPublicAddress({ webrtc }: Config, outside: Outside): Check {
  const [id, title] = ['public-address', 'public address']
  const { mapping, own, inner } = outside
  if (webrtc.stunServer === undefined)
    return warning(id, title, 'unknown, because webrtc.stun-server is empty', 'Set webrtc.stun-server')
  if (mapping?.kind !== 'answered')
    return warning(
      id,
      title,
      `unknown: ${webrtc.stunServer} does not respond`,
      'Check the network, and whether a firewall blocks outgoing UDP',
    )
  const { address } = mapping.mapped
  if (isCarrierGradeNat(address) || inner.some(isCarrierGradeNat))
    return warning(
      id,
      title,
      `${address} is shared with other customers of your provider (carrier-grade NAT): forwarding a port in your router is of no use`,
      'Use IPv6 or a TURN server, see below; or ask the provider for a public IPv4 address, or use a VPN such as Tailscale',
    )
  if (!isPublic(address))
    return warning(
      id,
      title,
      `${address} is private: the STUN server is in a network of your own, or another router translates it`,
      'Set webrtc.stun-server to one on the Internet',
    )
  if (inner.length > 1)
    return warning(
      id,
      title,
      `${address}, behind ${inner.length} routers (${inner.join(', ')}), each of which has to forward the port`,
      'Forward the port in all of them, or set the inner router to bridge mode',
    )
  return ok(
    id,
    title,
    own.includes(address) ? `${address}, of this machine itself: no router translates it` : address,
  )
}

/** RFC 4787 section 4.1 */
export function assessMapping({ webrtc }: Config, outside: Outside): Check[] {
  const [id, title] = ['mapping', 'router']
  const mapping = answered(outside)
  if (mapping === undefined || outside.own.includes(mapping.mapped.address)) return []
  const { port, mapped, second } = mapping
  const seen =
    mapped.port === port
      ? `keeps the port number ${port}`
      : `shows port ${port} as ${mapped.port}${port === webrtc.udpPort ? '' : ' (tried with a free port)'}`
  if (second === undefined)
    return [ok(id, title, `${seen}; whether other destinations see the same port is unknown`)]
  if (second.port === mapped.port && second.address === mapped.address)
    return [ok(id, title, `${seen}, for every destination: most viewers connect without a forwarded port`)]
  return [
    warning(
      id,
      title,
      `${seen}, and to another destination as ${second.port}: viewers cannot connect without a forwarded port`,
      'Forward the port, see below',
    ),
  ]
}

/** The rules to set in the router. Whether it has them can be seen only from another network. */
export function assessForwarding({ webrtc, server }: Config, outside: Outside): Check {
  const [id, title] = ['port-forwarding', 'to set in the router']
  const { udpPort, announce, tcp } = webrtc
  const { local, router, own } = outside
  if (udpPort === 0)
    return warning(
      id,
      title,
      'webrtc.udp-port = 0 is another port at each start',
      'Set webrtc.udp-port to 8189',
    )
  if (local === undefined)
    return warning(id, title, 'this machine has no IPv4 route to the Internet', 'Connect it to a router')
  const address = answered(outside)?.mapped.address
  if (address !== undefined && own.includes(address))
    return ok(id, title, 'nothing: no router translates addresses')
  const ports = new Set(announce.map(({ port }) => port ?? udpPort))
  const rules = [...(ports.size === 0 ? [udpPort] : ports)].flatMap((port) =>
    (tcp ? ['UDP', 'TCP'] : ['UDP']).map(
      (protocol) => `${protocol} port ${port} to ${local} port ${udpPort}`,
    ),
  )
  return {
    ...ok(
      id,
      title,
      `forward ${rules.join(', and ')}${router === undefined ? '' : `; the router is at ${router.gateway}`}`,
    ),
    hint: `The page itself needs TCP port ${server.webPort}: better a VPN or a reverse proxy with a password than a forwarded port. To try the rules, open it with a phone without Wi-Fi: it names the cause if it cannot connect`,
  }
}

export async function assessAnnounced(
  { webrtc }: Config,
  outside: Outside,
  resolve: (name: string) => Promise<string[]>,
): Promise<Check[]> {
  const address = answered(outside)?.mapped.address
  return await Promise.all(
    webrtc.announce.map(async ({ host, port = webrtc.udpPort }) => {
      const title = `webrtc.announce ${host}`
      const addresses = isIP(host) === 0 ? await resolve(host) : [host]
      const shown = `${addresses.join(', ')}, port ${port}`
      if (addresses.length === 0)
        return warning(
          'announce',
          title,
          'DNS has no address of this name',
          'Check the name, or its dynamic DNS service',
        )
      if (address === undefined || addresses.includes(address)) return ok('announce', title, shown)
      const isOther = addresses.some((one) => isPublic(one) && isIP(one) === 4)
      return isOther
        ? warning(
            'announce',
            title,
            `${shown}, but the public address is ${address}`,
            'Update the dynamic DNS name, or the address in webrtc.announce',
          )
        : ok('announce', title, shown)
    }),
  )
}

export function assessIpv6({ webrtc }: Config, { own }: Outside): Check {
  const [id, title] = ['ipv6', 'IPv6']
  const global = own.filter((address) => address.includes(':') && isPublic(address))
  if (global.length === 0) return ok(id, title, 'this machine has no address that the Internet routes')
  if (!webrtc.udpBindIp.includes(':'))
    return warning(
      id,
      title,
      `${global[0]} is not offered, because webrtc.udp-bind-ip is ${webrtc.udpBindIp}`,
      'Delete webrtc.udp-bind-ip and server.bind-ip, so that viewers with IPv6 need no forwarded port',
    )
  const protocols = webrtc.tcp ? 'UDP and TCP' : 'UDP'
  return ok(
    id,
    title,
    `${global.join(', ')}: viewers with IPv6 need no forwarded port, but the router's firewall may have to allow ${protocols} port ${webrtc.udpPort} to it`,
  )
}

export function assessTurn({ webrtc }: Config, outside: Outside): Check {
  const [id, title] = ['turn', 'TURN']
  if (webrtc.turnServers.length > 0) return ok(id, title, webrtc.turnServers.join(', '))
  const address = answered(outside)?.mapped.address
  const isShared = [address ?? '', ...outside.inner].some(isCarrierGradeNat)
  return isShared
    ? warning(id, title, 'no server is set, and viewers without IPv6 need one', 'Set webrtc.turn-servers')
    : ok(
        id,
        title,
        'no server is set: only viewers whose network blocks UDP and TCP, or that cannot reach this router, need one',
      )
}
