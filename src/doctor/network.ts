import { isIP } from 'node:net'
import type { NetworkInterfaceInfo } from 'node:os'
import type { Config } from '../config/types.js'
import { isLinkLocal, offeredAddresses } from '../viewer/transport/host-addresses.js'
import type { StunAnswer } from './stun-probe.js'
import { ok, warning, type Check } from './check.js'
import { checkRtsp } from './rtsp.js'
import type { System } from './system.js'
import { checkWifi } from './wifi.js'

/** Whether browsers on other machines can reach this one: addresses, Wi-Fi and STUN. */
export async function checkNetwork(config: Config, system: System): Promise<Check[]> {
  const [wifi, announced, stun] = await Promise.all([
    checkWifi(system),
    checkAnnouncedNames(config, system),
    checkStun(config, system),
  ])
  const interfaces = system.interfaces()
  return [
    assessAddresses(config, interfaces),
    ...checkRtsp(config, interfaces),
    ...wifi,
    ...announced,
    ...stun,
  ]
}

/** The addresses that browsers receive as candidates. */
export function assessAddresses(
  { server, webrtc }: Config,
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>,
): Check {
  const { piIp } = server
  const bindIp = webrtc.udpBindIp
  const announce = webrtc.announce.map(({ host }) => ({ address: host }))
  const all = offeredAddresses({ bindIp, piIp, announce, interfaces }).map(({ address }) => address)
  const remote = all.filter((address) => !/^127\.|^::1$/.test(address))
  const own = Object.values(interfaces).flatMap((infos) => (infos ?? []).map(({ address }) => address))
  if (remote.length === 0) {
    if (/^127\.|^::1$/.test(bindIp))
      return ok('addresses', 'addresses', `${bindIp}: browsers on this machine only`)
    return warning(
      'addresses',
      'addresses',
      'this machine has no network: only its own browsers can connect',
      'Connect it to a network; "ip addr" lists its addresses, "nmtui" the Wi-Fi networks',
    )
  }
  if (piIp !== undefined && !own.includes(piIp))
    return warning(
      'addresses',
      'addresses',
      `pi-ip is ${piIp}, which is not an address of this machine (${own.filter((a) => remote.includes(a)).join(', ') || 'none'})`,
      'Delete pi-ip, or set the current address; another one is right only if a router forwards to this machine',
    )
  if (remote.every(isLinkLocal))
    return warning(
      'addresses',
      'addresses',
      `this machine has link-local addresses only (${remote.join(', ')}): only a computer at the same cable can connect`,
      'That is right for a direct cable or USB gadget; in a network, its DHCP server does not respond: "nmcli device" shows the state',
    )
  const networks = Object.entries(interfaces).filter(([, infos]) =>
    infos?.some(({ address, family }) => family === 'IPv4' && remote.includes(address)),
  )
  if (networks.length > 1 && piIp === undefined)
    return ok(
      'addresses',
      'addresses',
      `${remote.join(', ')}: several networks, browsers try all of them; pi-ip selects the first`,
    )
  return ok('addresses', 'addresses', remote.join(', '))
}

async function checkAnnouncedNames({ webrtc }: Config, system: System): Promise<Check[]> {
  const names = new Set(webrtc.announce.map(({ host }) => host).filter((host) => isIP(host) === 0))
  return await Promise.all(
    [...names].map(async (name) => {
      const addresses = await system.resolveName(name)
      if (addresses.length > 0) return ok('announce', name, addresses.join(', '))
      return warning(
        'announce',
        name,
        'DNS has no address of this name, so it is not offered to browsers',
        'Check the name in webrtc.announce and the network; /etc/hosts is not read',
      )
    }),
  )
}

async function checkStun({ webrtc }: Config, system: System): Promise<Check[]> {
  if (webrtc.stunServer === undefined) return []
  return [assessStun(webrtc.stunServer, await system.askStun(webrtc.stunServer))]
}

/** From a socket of its own: the media port may belong to the running server. */
export function assessStun(server: string, answer: StunAnswer): Check {
  const failed = (detail: string, hint: string): Check => warning('stun', server, detail, hint)
  const without = 'or set stun-server = "": a local network needs none'
  switch (answer.kind) {
    case 'answered':
      return ok(
        'stun',
        server,
        `responds${answer.address === undefined ? '' : `; public address ${answer.address}`}`,
      )
    case 'unknown-name':
      return failed('this host name does not exist', `Check the name, ${without}`)
    case 'no-dns':
      return failed(
        'its name cannot be resolved: no DNS server responds',
        `Check the network (ping 9.9.9.9), ${without}`,
      )
    case 'unreachable':
      return failed(
        'is unreachable: no route to the host, or the port is closed',
        `Check the port, ${without}`,
      )
    case 'silent':
      return failed('does not respond', `A firewall may block UDP; use another server, ${without}`)
  }
}
