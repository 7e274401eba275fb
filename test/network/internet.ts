import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { until } from '../support/program.js'
import { Namespace } from './namespaces.js'
import { filterIpv6, routeWithNat, type NatKind } from './nat.js'

export const STUN_PORT = 3478
export const STUN_ADDRESS = '203.0.113.1'
const NOWHERE = '198.51.100.1'
/** Of the Internet, and of the sites behind a firewall. */
const IPV6 = '2001:db8:0'

/** A host that is reachable by `address`: its own, or that of the router before it. */
export interface Site {
  readonly host: Namespace
  readonly address: string
  /** Between the host and the Internet, the outermost first. */
  readonly routers: readonly Namespace[]
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
    const internet = new Internet(await Namespace.open())
    try {
      internet.#layOut()
    } catch (error) {
      await internet[Symbol.asyncDispose]()
      throw error
    }
    return internet
  }

  #layOut(): void {
    const center = this.#switch
    center.run('ip', 'link', 'add', 'switch', 'type', 'bridge')
    center.setUp('switch', `${STUN_ADDRESS}/24`, `${IPV6}::1/64`)
    // As in the Internet, packets to private addresses get lost without an error.
    center.run('ip', 'link', 'add', 'nowhere', 'type', 'veth', 'peer', 'name', 'nobody')
    for (const name of ['nowhere', 'nobody']) center.setUp(name)
    center.run('ip', 'neigh', 'add', NOWHERE, 'lladdr', '02:00:00:00:00:01', 'dev', 'nowhere')
    center.run('ip', 'route', 'add', 'default', 'via', NOWHERE, 'dev', 'nowhere', 'onlink')
  }

  /** @param options `answers`: whether it responds; if not, its host is no name server either. @returns its URI. */
  async startStunServer({ answers = true, ipv6 = false } = {}): Promise<string> {
    const address = ipv6 ? `${IPV6}::1` : STUN_ADDRESS
    if (answers) await this.#startScript('stun-server.ts', address, String(STUN_PORT))
    else
      this.#switch.feed(
        'table ip silent { chain input { type filter hook input priority filter; udp dport { 53, 3478 } drop; }; }',
        'nft',
        '-f',
        '-',
      )
    return `stun:${ipv6 ? `[${address}]` : address}:${STUN_PORT}`
  }

  /** Debian's coturn, with `use-auth-secret`, on UDP and TCP. @returns its URI, without a transport. */
  async startTurnServer(secret: string, port = STUN_PORT): Promise<string> {
    const words = [
      '-n',
      '--log-file=stdout',
      '--simple-log',
      '--no-cli',
      '--no-tls',
      '--no-dtls',
      '--pidfile=',
    ]
    const addresses = [
      `--listening-ip=${STUN_ADDRESS}`,
      `--relay-ip=${STUN_ADDRESS}`,
      `--listening-port=${port}`,
    ]
    const credentials = ['--use-auth-secret', `--static-auth-secret=${secret}`, '--realm=internet']
    this.#own(this.#switch.spawn('turnserver', ...words, ...addresses, ...credentials))
    const isListening = () => this.#switch.run('ss', '-Hltn', 'src', `${STUN_ADDRESS}:${port}`) !== ''
    await until(isListening, 20_000)
    return `turn:${STUN_ADDRESS}:${port}`
  }

  /** A host with a public address. */
  async addHost(): Promise<Site> {
    const host = await this.addNamespace()
    const address = this.plugIn(host, 'wan')
    host.run('ip', 'route', 'add', 'default', 'via', STUN_ADDRESS)
    return { host, address, routers: [] }
  }

  /** A host behind one or more routers with NAT, the outermost first. */
  async addHostBehind(kinds: NatKind | readonly NatKind[], tcpPorts: number[] = []): Promise<Site> {
    const routers: Namespace[] = []
    let inner = await this.addNamespace()
    const address = this.plugIn(inner, 'wan')
    const names = [kinds].flat()
    for (const [i, kind] of names.entries()) {
      const [router, network] = [inner, i === names.length - 1 ? `192.168.${this.#sites}` : `100.64.${i}`]
      inner = await this.addNamespace()
      router.connect(
        'lan',
        `${network}.1/24`,
        inner,
        i === names.length - 1 ? 'eth0' : 'wan',
        `${network}.2/24`,
      )
      inner.run('ip', 'route', 'add', 'default', 'via', `${network}.1`)
      routeWithNat(router, { kind, host: `${network}.2`, tcpPorts })
      routers.push(router)
    }
    return { host: inner, address, routers }
  }

  /** A host with IPv6 only, behind a router without NAT that admits only what the host began, and these TCP ports. */
  async addIpv6HostBehindFirewall(tcpPorts: number[] = []): Promise<Site> {
    const [router, host] = [await this.addNamespace(), await this.addNamespace()]
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
    return { host, address: `[${network}::2]`, routers: [router] }
  }

  /** Without a connection; it ends with the Internet. */
  async addNamespace(): Promise<Namespace> {
    const added = await Namespace.open()
    this.#namespaces.push(added)
    return added
  }

  /** Connects an interface to the switch. @returns its address. */
  plugIn(namespace: Namespace, name: string): string {
    const number = ++this.#sites
    const address = `203.0.113.${10 * number}`
    namespace.connect(name, `${address}/24`, this.#switch, `port${number}`)
    this.#switch.run('ip', 'link', 'set', `port${number}`, 'master', 'switch')
    return address
  }

  async #startScript(script: string, ...args: string[]): Promise<void> {
    const path = fileURLToPath(new URL(script, import.meta.url))
    const child = this.#switch.spawn(process.execPath, '--import', 'tsx', path, ...args)
    this.#own(child)
    await once(child.stdout!, 'data')
  }

  #own(child: ChildProcess): void {
    child.stdout!.resume()
    this.#processes.push({ kill: () => child.kill('SIGKILL'), closed: once(child, 'close') })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { kill, closed } of this.#processes) {
      kill()
      await closed
    }
    for (const namespace of this.#namespaces) namespace[Symbol.dispose]()
  }
}
