import type { NetworkInterfaceInfo } from 'node:os'
import type { Config } from '../config/types.js'
import { announcedAddresses } from '../viewer/transport/host-addresses.js'
import type { StunAnswer } from './stun-probe.js'
import { ok, warning, type Check } from './check.js'
import type { System } from './system.js'

/** Addresses, Wi-Fi and STUN: what decides whether a browser elsewhere gets to this machine. */
export async function checkNetwork(config: Config, system: System): Promise<Check[]> {
  const [wifi, stun] = await Promise.all([checkWifi(system), checkStun(config, system)])
  return [assessAddresses(config, system.interfaces()), ...wifi, ...stun]
}

/** Which addresses browsers are told to try. */
export function assessAddresses(
  { server, webrtc }: Config,
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>,
): Check {
  const { piIp } = server
  const bindIp = webrtc.udpBindIp
  const all = announcedAddresses({ bindIp, piIp, announce: webrtc.announce, interfaces })
  const far = all.filter((address) => !/^127\.|^::1$/.test(address))
  const own = Object.values(interfaces).flatMap((infos) => (infos ?? []).map(({ address }) => address))
  if (far.length === 0) {
    if (/^127\.|^::1$/.test(bindIp))
      return ok('addresses', 'addresses', `${bindIp}: browsers of this machine only`)
    return warning(
      'addresses',
      'addresses',
      'this machine has no network: only its own browser can watch',
      'Connect it; "ip addr" lists its addresses, "nmtui" the Wi-Fi networks',
    )
  }
  if (piIp !== undefined && !own.includes(piIp))
    return warning(
      'addresses',
      'addresses',
      `pi-ip is ${piIp}, which is none of this machine's (${own.filter((a) => far.includes(a)).join(', ') || 'none'})`,
      'Delete pi-ip, or give the address of today; it is right only where a router forwards to this machine',
    )
  const networks = Object.entries(interfaces).filter(([, infos]) =>
    infos?.some(({ address, family }) => family === 'IPv4' && far.includes(address)),
  )
  if (networks.length > 1 && piIp === undefined)
    return ok(
      'addresses',
      'addresses',
      `${far.join(', ')}: several networks, browsers try them all; pi-ip sets which one is first`,
    )
  return ok('addresses', 'addresses', far.join(', '))
}

async function checkWifi(system: System): Promise<Check[]> {
  const names = await system.list('/sys/class/net')
  const isWifi = await Promise.all(
    names.map(async (name) => (await system.resolve(`/sys/class/net/${name}/phy80211`)) !== undefined),
  )
  const levels = parseWireless((await system.readText('/proc/net/wireless')) ?? '')
  const checks = await Promise.all(
    names
      .filter((_, i) => isWifi[i])
      .map(async (name) => [await checkPowerSave(name, system), ...assessSignal(name, levels.get(name))]),
  )
  return checks.flat()
}

/** A radio that sleeps between beacons keeps packets back for 100 ms and more, and drops some. */
async function checkPowerSave(name: string, system: System): Promise<Check> {
  const { code, stdout } = await system.run('iw', ['dev', name, 'get', 'power_save'])
  const state = code === 0 ? /^Power save: (on|off)/m.exec(stdout)?.[1] : undefined
  if (state === 'off') return ok('wifi-power-save', name, 'Wi-Fi, power save is off')
  if (state === undefined)
    return warning(
      'wifi-power-save',
      name,
      'Wi-Fi, and whether it saves power could not be told',
      code === undefined ? 'sudo apt install iw, then run this again' : `iw dev ${name} get power_save`,
    )
  const { code: hasNmcli } = await system.run('nmcli', ['--version'])
  const forGood =
    hasNmcli === 0
      ? `; for good: sudo nmcli connection modify "$(nmcli -g GENERAL.CONNECTION device show ${name})" 802-11-wireless.powersave 2`
      : ', which holds until the next start'
  return warning(
    'wifi-power-save',
    name,
    'Wi-Fi with power save: the picture stutters and comes late',
    `sudo iw dev ${name} set power_save off${forGood}`,
  )
}

/** /proc/net/wireless: the signal level of each interface, in dBm. */
export function parseWireless(text: string): Map<string, number> {
  const rows = Array.from(text.matchAll(/^\s*(\S+):\s+\S+\s+\S+\s+(-?\d+)/gm), ([, name, level]) => ({
    name,
    level,
  }))
  return new Map(rows.map(({ name, level }) => [name!, Number(level)]))
}

const WEAK_DBM = -75

function assessSignal(name: string, dbm: number | undefined): Check[] {
  if (dbm === undefined || dbm >= WEAK_DBM || dbm < -120) return []
  const hint = 'Move it or the access point, or use a network cable; a lower bitrate needs less'
  return [warning('wifi-signal', name, `the Wi-Fi signal is weak (${dbm} dBm)`, hint)]
}

async function checkStun({ webrtc }: Config, system: System): Promise<Check[]> {
  if (webrtc.stunServer === undefined) return []
  return [assessStun(webrtc.stunServer, await system.askStun(webrtc.stunServer))]
}

/** Browsers ask it, not this program; but what this machine cannot reach, a browser in the same network seldom can. */
export function assessStun(server: string, answer: StunAnswer): Check {
  const bad = (detail: string, hint: string): Check => warning('stun', server, detail, hint)
  const without = 'or set stun-server = "": in your own network none is needed'
  switch (answer.kind) {
    case 'answered':
      return ok(
        'stun',
        server,
        `answers${answer.address === undefined ? '' : `; from outside this is ${answer.address}`}`,
      )
    case 'unknown-name':
      return bad('there is no host of this name', `Check the name, ${without}`)
    case 'no-dns':
      return bad(
        'its name cannot be looked up: no DNS server answers',
        `Check the network (ping 9.9.9.9), ${without}`,
      )
    case 'unreachable':
      return bad(
        'cannot be reached: there is no way there, or nothing at that port',
        `Check the port, ${without}`,
      )
    case 'silent':
      return bad('does not answer', `A firewall may keep UDP back; take another server, ${without}`)
  }
}
