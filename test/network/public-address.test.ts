import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { freePorts, startProgram, type Program } from '../support/program.js'
import { Internet } from './internet.js'
import type { NatKind } from './nat.js'
import { watchFrom } from './watch.js'

const canRun =
  process.getuid?.() === 0 &&
  spawnSync('unshare', ['--net', 'nft', 'add', 'table', 'ip', 'probe']).status === 0

async function startServer(
  internet: Internet,
  nat: NatKind | 'IPv6 firewall',
  stun: string,
  through: string[] = [],
): Promise<{ origin: string; program: Program }> {
  const [webPort, udpPort, ...webrtcPorts] = await freePorts(5)
  const site =
    nat === 'IPv6 firewall'
      ? await internet.addIpv6HostBehindFirewall([webPort!])
      : await internet.addHostBehind(nat, [webPort!])
  const program = await startProgram({
    tables: `[camera1]\ndevice = "test:ball"\nwidth = 160\nheight = 120\nfps = 10\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\nstun-server = "${stun}"\n`,
    bindIp: nat === 'IPv6 firewall' ? '::' : '0.0.0.0',
    through: [...site.host.through, ...through],
    ports: { webPort: webPort!, udpPort: udpPort!, webrtcPorts },
  })
  onTestFinished(async () => await program[Symbol.asyncDispose]())
  return { origin: `http://${site.address}:${webPort}`, program }
}

/** Words before a command that let it use another name server, in a mount namespace of its own. */
async function withNameServer(address: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'network-'))
  onTestFinished(async () => await rm(folder, { recursive: true }))
  const file = join(folder, 'resolv.conf')
  await writeFile(file, `nameserver ${address}\n`)
  return ['unshare', '--mount', 'sh', '-c', `mount --bind ${file} /etc/resolv.conf && exec "$@"`, 'sh']
}

async function openInternet(): Promise<Internet> {
  const internet = await Internet.open()
  onTestFinished(async () => await internet[Symbol.asyncDispose]())
  return internet
}

/** Longer than the server waits for a connection, which is 12 s. */
const LIMIT_S = 15

describe.skipIf(!canRun)('without a forwarded UDP port', () => {
  test.each<[server: NatKind, viewer: NatKind | 'no NAT']>([
    ['address-dependent', 'address-dependent'],
    ['port-dependent', 'port-dependent'],
    ['port-dependent', 'no NAT'],
    ['address-dependent', 'symmetric'],
    ['symmetric', 'address-dependent'],
  ])('a server behind %s NAT and a viewer behind %s find a path', async (server, viewer) => {
    const internet = await openInternet()
    const stun = await internet.startStunServer()
    const { origin } = await startServer(internet, server, stun)
    const site = viewer === 'no NAT' ? await internet.addHost() : await internet.addHostBehind(viewer)
    const watched = await watchFrom(site, origin, stun, LIMIT_S)
    // A router that keeps the port maps it to what the page was opened at, which is a host candidate already.
    const { hostname } = new URL(origin)
    const mapped = watched.theirs.filter((line) => line.includes(` ${hostname} `))
    expect(mapped.some((line) => line.includes('typ srflx'))).toBe(server === 'symmetric')
    expect(mapped.length).toBeGreaterThan(0)
    expect(watched.frames).toBeGreaterThanOrEqual(10)
  })

  test.each<[server: NatKind, viewer: NatKind]>([
    ['port-dependent', 'symmetric'],
    ['symmetric', 'symmetric'],
  ])('between %s and %s NAT there is none', async (server, viewer) => {
    const internet = await openInternet()
    const stun = await internet.startStunServer()
    const { origin } = await startServer(internet, server, stun)
    const watched = await watchFrom(await internet.addHostBehind(viewer), origin, stun, 5)
    expect(watched.frames).toBe(0)
  })

  test('a viewer whose signalling is slow finds a path through a symmetric NAT of the server', async () => {
    const internet = await openInternet()
    const stun = await internet.startStunServer()
    const { origin } = await startServer(internet, 'symmetric', stun)
    const site = await internet.addHostBehind('address-dependent')
    const watched = await watchFrom(site, origin, stun, LIMIT_S, 2)
    expect(watched.frames).toBeGreaterThanOrEqual(10)
  })

  test('a server and a viewer with IPv6 only, each behind a firewall, find a path', async () => {
    const internet = await openInternet()
    const { origin } = await startServer(internet, 'IPv6 firewall', '')
    const watched = await watchFrom(await internet.addIpv6HostBehindFirewall(), origin, 'none', LIMIT_S)
    expect(watched.frames).toBeGreaterThanOrEqual(10)
  })

  test('a name server that never answers delays neither an answer nor the end of the program', async () => {
    const internet = await openInternet()
    await internet.startStunServer({ answers: false })
    const configured = await withNameServer('203.0.113.1')
    const { origin, program } = await startServer(
      internet,
      'port-dependent',
      'stun:stun.example.org',
      configured,
    )
    const watched = await watchFrom(await internet.addHost(), origin, 'none', LIMIT_S)
    expect(watched.frames).toBeGreaterThanOrEqual(10)
    process.kill(program.pid, 'SIGTERM')
    expect(await program.exit).toEqual({ code: 0, signal: null })
  })

  test('the answer does not wait for a silent STUN server, and without a STUN server there is no path', async () => {
    const internet = await openInternet()
    const stun = await internet.startStunServer({ answers: false })
    const { origin, program } = await startServer(internet, 'address-dependent', stun)
    const site = await internet.addHostBehind('address-dependent')
    const watched = await watchFrom(site, origin, 'none', 5)
    expect(watched.theirs.some((line) => line.includes('typ srflx'))).toBe(false)
    expect(watched.frames).toBe(0)
    expect(program.output()).not.toContain('public address')
  })
})
