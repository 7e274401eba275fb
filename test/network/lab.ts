import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Scope } from '../../src/lib/scope.js'
import { startProgram, until, type Program } from '../support/program.js'
import { browseFrom, type BrowserName, type RemotePage } from './browse.js'
import type { ChangingNetwork } from './changes.js'
import { restrict } from './firewall.js'
import { Internet, STUN_ADDRESS, type Site } from './internet.js'
import { UDP_PORT, webPortOf, type Network } from './networks.js'

const TURN_SECRET = 'secret-of-the-laboratory'
const BALL = 'device = "test:ball"\nwidth = 320\nheight = 240\nfps = 15\n'

export interface Laboratory extends AsyncDisposable, ChangingNetwork {
  program: Program
  page: RemotePage
}

/** Builds a network, starts the program in it and opens its page. */
export async function openLaboratory(network: Network, browser: BrowserName): Promise<Laboratory> {
  await using scope = new Scope()
  const internet = scope.use(await Internet.open())
  const webPort = webPortOf(network)
  const sites = await network.layout(internet, [webPort])
  const webrtc = await startServers(internet, network)
  const resolver = network.stun === 'unresolved' ? await withNameServer(scope, STUN_ADDRESS) : []
  // Firefox has no H.264 here.
  const camera = network.camera ?? `${BALL}codec = "${browser === 'Firefox' ? 'vp8' : 'h264'}"\n`
  const program = scope.use(
    await startProgram({
      tables: `[camera1]\n${camera}webrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n${webrtc}`,
      bindIp: '::',
      through: [...sites.server.host.through, ...resolver],
      ports: { webPort, udpPort: UDP_PORT, webrtcPorts: [5557, 5558, 5559] },
    }),
  )
  const router = sites.viewer.routers.at(-1)
  if (network.forwards !== undefined && router !== undefined) restrict(router, network.forwards)
  const changing = { ...sites, internet }
  await until(() => isLive(sites.server, webPort), 30_000)
  network.prepare?.(changing)
  const origin = `http://${network.origin ?? sites.server.address}:${webPort}`
  const page = scope.use(await browseFrom(sites.viewer.host, browser, `${origin}/camera1/`, resolver))
  const open = scope.move()
  return { ...changing, program, page, [Symbol.asyncDispose]: async () => await open[Symbol.asyncDispose]() }
}

const isLive = ({ host }: Site, webPort: number): boolean => {
  const ask = `fetch('http://127.0.0.1:${webPort}/health').then((answer) => answer.text()).then(console.log)`
  return host.run(process.execPath, '-e', ask).includes('"state":"live"')
}

/** @returns lines of the table [webrtc]. */
async function startServers(internet: Internet, { stun, turn }: Network): Promise<string> {
  const lines: string[] = []
  if (turn !== undefined) {
    const uri = await internet.startTurnServer(TURN_SECRET, turn.port)
    lines.push(`turn-servers = ["${uri}?transport=${turn.transport}"]`, `turn-secret = "${TURN_SECRET}"`)
    // coturn answers STUN requests on the same port.
    if (stun !== undefined) lines.push(`stun-server = "${uri.replace('turn:', 'stun:')}"`)
  } else if (stun === 'unresolved') {
    await internet.startStunServer({ answers: false })
    lines.push('stun-server = "stun:stun.example.org"')
  } else if (stun !== undefined)
    lines.push(`stun-server = "${await internet.startStunServer({ ipv6: stun === 'IPv6' })}"`)
  return `${lines.join('\n')}\n`
}

/** Words before a command that let it use another name server, in a mount namespace of its own. */
async function withNameServer(scope: Scope, address: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'network-'))
  scope.defer(async () => await rm(folder, { recursive: true }))
  const file = join(folder, 'resolv.conf')
  await writeFile(file, `nameserver ${address}\n`)
  return ['unshare', '--mount', 'sh', '-c', `mount --bind ${file} /etc/resolv.conf && exec "$@"`, 'sh']
}
