import type { Internet } from './internet.js'
import { routeWithNat } from './nat.js'
import type { Sites } from './sites.js'

/** What happens to a network while somebody watches. */
export interface ChangingNetwork extends Sites {
  internet: Internet
}

export const VPN_ADDRESS = '10.9.0.1'

export function connectVpn({ server, viewer }: Sites): void {
  server.host.connect('vpn0', `${VPN_ADDRESS}/24`, viewer.host, 'vpn0', '10.9.0.2/24')
  for (const { host } of [server, viewer]) host.run('ip', 'link', 'set', 'vpn0', 'mtu', '1280')
}

const addressOf = (host: ChangingNetwork['viewer']['host'], name: string): string =>
  /inet ([\d.]+)\//.exec(host.run('ip', '-4', 'addr', 'show', 'dev', name))![1]!

/** As of a new lease of DHCP. */
export function renumberViewer({ viewer: { host } }: ChangingNetwork): void {
  const before = addressOf(host, 'eth0')
  const network = before.replace(/\.\d+$/, '')
  host.run('ip', 'addr', 'del', `${before}/24`, 'dev', 'eth0') // takes the routes along
  host.run('ip', 'addr', 'add', `${network}.77/24`, 'dev', 'eth0')
  host.run('ip', 'route', 'add', 'default', 'via', `${network}.1`)
}

/** From Wi-Fi to a mobile network, whose router has NAT too. */
export async function moveViewer({ internet, viewer: { host } }: ChangingNetwork): Promise<void> {
  const router = await internet.addNamespace()
  internet.plugIn(router, 'wan')
  host.run('ip', 'link', 'set', 'eth0', 'down')
  router.connect('lan', '10.60.0.1/24', host, 'wwan0', '10.60.0.2/24')
  host.run('ip', 'route', 'add', 'default', 'via', '10.60.0.1')
  routeWithNat(router, { kind: 'port-dependent', host: '10.60.0.2' })
}

/** As after a night's reconnection of a DSL line. The kernel forgets the masqueraded connections. */
export function renumberViewersRouter({ viewer: { routers } }: ChangingNetwork): void {
  const router = routers[0]!
  const before = addressOf(router, 'wan')
  router.run('ip', 'addr', 'del', `${before}/24`, 'dev', 'wan')
  router.run('ip', 'addr', 'add', '203.0.113.222/24', 'dev', 'wan')
}
