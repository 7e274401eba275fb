import { spawnSync } from 'node:child_process'
import { expect, onTestFinished, test } from 'vitest'
import { freePorts, startProgram } from '../support/program.js'
import { Namespace } from './namespaces.js'
import { watchFrom } from './watch.js'

const canRun = process.getuid?.() === 0 && spawnSync('unshare', ['--net', 'true']).status === 0

/** WireGuard, Tailscale and 464XLAT have paths of this size, the smallest that IPv6 allows. */
const MTU = 1280
const LIMIT_S = 30

/** Two hosts on such a path, and the count of fragments that the second one has received. */
async function openPath() {
  const [server, viewer] = [await Namespace.open(), await Namespace.open()]
  for (const each of [server, viewer]) onTestFinished(() => each[Symbol.dispose]())
  server.connect('path', '10.77.0.1/24', viewer, 'path', '10.77.0.2/24')
  for (const [host, address] of [
    [server, 'fd77::1/64'],
    [viewer, 'fd77::2/64'],
  ] as const) {
    host.setUp('path', address)
    host.run('ip', 'link', 'set', 'path', 'mtu', String(MTU))
  }
  const fragments = (): number => {
    const ipv4 = viewer
      .run('cat', '/proc/net/snmp')
      .split('\n')
      .filter((line) => line.startsWith('Ip:'))
    const [names, values] = ipv4.map((line) => line.split(' '))
    const ipv6 = /^Ip6ReasmReqds\s+(\d+)$/m.exec(viewer.run('cat', '/proc/net/snmp6'))![1]
    return Number(values![names!.indexOf('ReasmReqds')]) + Number(ipv6)
  }
  return { server, viewer, fragments }
}

// test/allowed-skips.mjs
test.runIf(canRun).each([
  ['IPv4', '10.77.0.1', '10.77.0.2'],
  ['IPv6', '[fd77::1]', 'fd77::2'],
])('no packet of ours is fragmented on an %s path of 1280 bytes', async (_family, host, other) => {
  const { server, viewer, fragments } = await openPath()
  const [webPort, udpPort, ...webrtcPorts] = await freePorts(5)
  // Noise fills every packet.
  await using _program = await startProgram({
    tables: `[camera1]\ndevice = "test:snow"\nwidth = 640\nheight = 480\nfps = 10\nbitrate = 2000000\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n`,
    bindIp: '::',
    through: server.through,
    ports: { webPort: webPort!, udpPort: udpPort!, webrtcPorts },
  })
  const { frames } = await watchFrom({ host: viewer }, `http://${host}:${webPort}`, 'none', LIMIT_S)
  expect(frames).toBeGreaterThanOrEqual(10)
  expect(fragments()).toBe(0)
  // The counter counts: this datagram does not fit.
  const [family, text] = [other.includes(':') ? 'udp6' : 'udp4', 'x'.repeat(2000)]
  server.run(
    process.execPath,
    '-e',
    `const s=require('dgram').createSocket('${family}');s.send('${text}',9,'${other}',()=>s.close())`,
  )
  await expect.poll(fragments).toBeGreaterThan(0)
})
