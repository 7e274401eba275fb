import { ok, warning, type Check } from './check.js'
import { parseFirewalld, parseUfwRules, type PortDecision } from './firewall-rules.js'
import { parseNft } from './nft-rules.js'
import type { WantedPort } from './wanted-ports.js'
import type { System } from './system.js'

/** An active firewall. */
interface Firewall {
  name: string
  decisionFor: (port: WantedPort) => PortDecision
  /** The command that opens ports. */
  allow: (ports: readonly WantedPort[]) => string
}

/** Whether a firewall of this machine blocks browsers. Without root its rules are often unreadable. */
export async function checkFirewall(wanted: readonly WantedPort[], system: System): Promise<Check[]> {
  const fromOutside = wanted.filter(({ host }) => !/^127\.|^::1$/.test(host))
  if (fromOutside.length === 0) return []
  const found = (await ufw(system)) ?? (await firewalld(system)) ?? (await nftables(system))
  return found === undefined ? [] : [assess(found, fromOutside)]
}

function assess({ name, decisionFor, allow }: Firewall, wanted: readonly WantedPort[]): Check {
  const closed = wanted.filter((port) => decisionFor(port) === 'closed')
  const unknown = wanted.filter((port) => decisionFor(port) === 'unknown')
  const list = (ports: readonly WantedPort[]): string =>
    ports.map(({ port, protocol }) => `${port}/${protocol}`).join(', ')
  if (closed.length > 0)
    return warning('firewall', 'firewall', `${name} blocks ${list(closed)}`, allow(closed))
  if (unknown.length > 0)
    return warning(
      'firewall',
      'firewall',
      `${name} is active; whether it blocks ${list(unknown)} could not be determined`,
      `Run sudo rpi-webrtc doctor to check its rules. To open the ports: ${allow(unknown)}`,
    )
  return ok('firewall', 'firewall', `${name} allows ${list(wanted)}`)
}

async function ufw(system: System): Promise<Firewall | undefined> {
  const state = await system.readText('/etc/ufw/ufw.conf')
  if (!/^ENABLED=["']?yes/im.test(state ?? '')) return undefined
  const policy = await system.readText('/etc/default/ufw')
  if (/^DEFAULT_INPUT_POLICY=["']?ACCEPT/im.test(policy ?? '')) return undefined
  const rules = await system.readText('/etc/ufw/user.rules') // readable by root only
  return {
    name: 'ufw',
    decisionFor: rules === undefined ? () => 'unknown' : parseUfwRules(rules),
    /** The command that opens ports. */
    allow: (ports) => ports.map(({ port, protocol }) => `sudo ufw allow ${port}/${protocol}`).join('; '),
  }
}

async function firewalld(system: System): Promise<Firewall | undefined> {
  const state = await system.run('firewall-cmd', ['--state'])
  if (!/^running/m.test(state.stdout)) return undefined
  const zone = await system.run('firewall-cmd', ['--list-all'])
  return {
    name: 'firewalld',
    decisionFor: zone.code === 0 ? parseFirewalld(zone.stdout) : () => 'unknown',
    /** The command that opens ports. */
    allow: (ports) =>
      `sudo firewall-cmd --permanent ${ports.map(({ port, protocol }) => `--add-port=${port}/${protocol}`).join(' ')} && sudo firewall-cmd --reload`,
  }
}

/** nftables, and iptables, which uses it. */
async function nftables(system: System): Promise<Firewall | undefined> {
  const listing = await system.run('nft', ['-j', 'list', 'ruleset'])
  const allow = (ports: readonly WantedPort[]): string =>
    `add to the input chain (/etc/nftables.conf): ${ports.map(({ port, protocol }) => `${protocol} dport ${port} accept`).join('; ')}`
  if (listing.code === 0) {
    const decisionFor = parseNft(listing.stdout)
    return decisionFor && { name: 'nftables', decisionFor, allow }
  }
  const { stdout } = await system.run('systemctl', ['is-active', 'nftables'])
  return stdout.trim() === 'active' ? { name: 'nftables', decisionFor: () => 'unknown', allow } : undefined
}
