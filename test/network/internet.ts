import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Namespace } from './namespaces.js'
import { filterIpv6, routeWithNat, type NatKind } from './nat.js'

export const STUN_PORT = 3478
const STUN_ADDRESS = '203.0.113.1'
/** Of the Internet, and of the sites behind a firewall. */
const IPV6 = '2001:db8:0'

/** A host that is reachable by `address`: its own, or that of the router before it. */
export interface Site {
  readonly host: Namespace
  readonly address: string
}

/** Hosts and routers around one switch, and a STUN server. Closing ends everything. */
export class Internet implements AsyncDisposable {
  readonly #switch: Namespace
  readonly #namespaces: Namespace[] = []
  readonly #processes: { kill: () => boolean; closed: Promise<unknown> }[] = []
  #sites = 0

  private constructor(center: Namespace) {
    this.#switch = center
    this.#namespaces.push(center)
  }

  static async open(): Promise<Internet> {
    const center = await Namespace.open()
    center.run('ip', 'link', 'add', 'switch', 'type', 'bridge')
    center.setUp('switch', `${STUN_ADDRESS}/24`, `${IPV6}::1/64`)
    return new Internet(center)
  }

  /** @param options `answers`: whether it responds; if not, its host is no name server either. @returns its URI. */
  async startStunServer({ answers = true } = {}): Promise<string> {
    if (answers) await this.#start(this.#switch, 'stun-server.ts', STUN_ADDRESS, String(STUN_PORT))
    else
      this.#switch.feed(
        'table ip silent { chain input { type filter hook input priority filter; udp dport { 53, 3478 } drop; }; }',
        'nft',
        '-f',
        '-',
      )
    return `stun:${STUN_ADDRESS}:${STUN_PORT}`
  }

  /** A host with a public address. */
  async addHost(): Promise<Site> {
    const host = await this.#add()
    const address = this.#plugIn(host, 'wan')
    return { host, address }
  }

  /** A host behind a router with NAT. */
  async addHostBehind(kind: NatKind, tcpPorts: number[] = []): Promise<Site> {
    const [router, host] = [await this.#add(), await this.#add()]
    const address = this.#plugIn(router, 'wan')
    const network = `192.168.${this.#sites}`
    router.connect('lan', `${network}.1/24`, host, 'eth0', `${network}.2/24`)
    host.run('ip', 'route', 'add', 'default', 'via', `${network}.1`)
    routeWithNat(router, { kind, host: `${network}.2`, tcpPorts })
    return { host, address }
  }

  /** A host with IPv6 only, behind a router without NAT that admits only what the host began, and these TCP ports. */
  async addIpv6HostBehindFirewall(tcpPorts: number[] = []): Promise<Site> {
    const [router, host] = [await this.#add(), await this.#add()]
    const number = ++this.#sites
    const [wan, network] = [`${IPV6}::${number}0`, `2001:db8:${number}`]
    router.connect('wan', `${wan}/64`, this.#switch, `port${number}`)
    this.#switch.run('ip', 'link', 'set', `port${number}`, 'master', 'switch')
    this.#switch.run('ip', '-6', 'route', 'add', `${network}::/64`, 'via', wan)
    router.run('ip', '-6', 'route', 'add', 'default', 'via', `${IPV6}::1`)
    router.connect('lan', `${network}::1/64`, host, 'eth0', `${network}::2/64`)
    host.run('ip', '-6', 'route', 'add', 'default', 'via', `${network}::1`)
    this.#switch.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding')
    filterIpv6(router, tcpPorts)
    return { host, address: `[${network}::2]` }
  }

  async #add(): Promise<Namespace> {
    const added = await Namespace.open()
    this.#namespaces.push(added)
    return added
  }

  /** @returns the address. */
  #plugIn(namespace: Namespace, name: string): string {
    const number = ++this.#sites
    const address = `203.0.113.${10 * number}`
    namespace.connect(name, `${address}/24`, this.#switch, `port${number}`)
    this.#switch.run('ip', 'link', 'set', `port${number}`, 'master', 'switch')
    return address
  }

  async #start(where: Namespace, script: string, ...args: string[]): Promise<void> {
    const path = fileURLToPath(new URL(script, import.meta.url))
    const child = where.spawn(process.execPath, '--import', 'tsx', path, ...args)
    this.#processes.push({ kill: () => child.kill('SIGKILL'), closed: once(child, 'close') })
    await once(child.stdout!, 'data')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { kill, closed } of this.#processes) {
      kill()
      await closed
    }
    for (const namespace of this.#namespaces) namespace[Symbol.dispose]()
  }
}
