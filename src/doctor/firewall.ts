import { ok, warning, type Check } from './check.js'
import { parseFirewalld, parseNft, parseUfwRules, type PortDecision } from './firewall-rules.js'
import type { WantedPort } from './ports.js'
import type { System } from './system.js'

/** A firewall that is on, and how to have it let a port through. */
interface Firewall {
  name: string
  decisionFor: (port: WantedPort) => PortDecision
  allow: (ports: readonly WantedPort[]) => string
}

/** Whether a firewall of this machine keeps browsers out. Without root it can often be seen only that there is one. */
export async function checkFirewall(wanted: readonly WantedPort[], system: System): Promise<Check[]> {
  const fromOutside = wanted.filter(({ host }) => !/^127\.|^::1$/.test(host))
  if (fromOutside.length === 0) return []
  const found = (await ufw(system)) ?? (await firewalld(system)) ?? (await nftables(system))
  return found === undefined ? [] : [assess(found, fromOutside)]
}

function assess({ name, decisionFor: verdictOf, allow }: Firewall, wanted: readonly WantedPort[]): Check {
  const closed = wanted.filter((port) => verdictOf(port) === 'closed')
  const unknown = wanted.filter((port) => verdictOf(port) === 'unknown')
  const list = (ports: readonly WantedPort[]): string =>
    ports.map(({ port, protocol }) => `${port}/${protocol}`).join(', ')
  if (closed.length > 0)
    return warning('firewall', 'firewall', `${name} does not let ${list(closed)} through`, allow(closed))
  if (unknown.length > 0)
    return warning(
      'firewall',
      'firewall',
      `${name} is on; whether it lets ${list(unknown)} through could not be told`,
      `sudo rpi-webrtc doctor may tell; to let it: ${allow(unknown)}`,
    )
  return ok('firewall', 'firewall', `${name} lets ${list(wanted)} through`)
}

async function ufw(system: System): Promise<Firewall | undefined> {
  const state = await system.readText('/etc/ufw/ufw.conf')
  if (!/^ENABLED=["']?yes/im.test(state ?? '')) return undefined
  const policy = await system.readText('/etc/default/ufw')
  if (/^DEFAULT_INPUT_POLICY=["']?ACCEPT/im.test(policy ?? '')) return undefined
  const rules = await system.readText('/etc/ufw/user.rules') // for root only
  return {
    name: 'ufw',
    decisionFor: rules === undefined ? () => 'unknown' : parseUfwRules(rules),
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
    allow: (ports) =>
      `sudo firewall-cmd --permanent ${ports.map(({ port, protocol }) => `--add-port=${port}/${protocol}`).join(' ')} && sudo firewall-cmd --reload`,
  }
}

/** nftables, and iptables, which is written in its terms. */
async function nftables(system: System): Promise<Firewall | undefined> {
  const listing = await system.run('nft', ['-j', 'list', 'ruleset'])
  const allow = (ports: readonly WantedPort[]): string =>
    `add to the input chain (/etc/nftables.conf): ${ports.map(({ port, protocol }) => `${protocol} dport ${port} accept`).join('; ')}`
  if (listing.code === 0) {
    const verdictOf = parseNft(listing.stdout)
    return verdictOf && { name: 'nftables', decisionFor: verdictOf, allow }
  }
  const { stdout } = await system.run('systemctl', ['is-active', 'nftables'])
  return stdout.trim() === 'active' ? { name: 'nftables', decisionFor: () => 'unknown', allow } : undefined
}
