import { describe, expect, test } from 'vitest'
import { exampleCamera } from '../../test/fakes/examples.js'
import { exampleSystem, type SystemFacts } from '../../test/fakes/system.js'
import { defaultConfig } from '../config/parse.js'
import type { CameraConfig, Config } from '../config/types.js'
import type { Check } from './check.js'
import { parseSockets } from './port-occupant.js'
import { checkPorts } from './ports.js'
import type { Holder } from './processes.js'

/** /proc/net/tcp of a machine where root listens on 8080, and a connection is open beside it. */
const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000    33        0 1065 1 00000000ecc7956e 100 0 0 10 0
   1: 020200C0:1F90 507100CB:0050 01 00000000:00000000 03:00000B11 00000000     0        0 7 3 000000003f56a0b5
`
const PASSWD =
  'root:x:0:0:root:/root:/bin/bash\nwww-data:x:33:33::/var/www:/usr/sbin/nologin\nrpi-webrtc:x:999:999::/:/x\n'

const configOf = (camera: Partial<CameraConfig> = {}): Config => ({
  server: defaultConfig().server,
  cameras: [exampleCamera(camera)],
  webrtc: defaultConfig().webrtc,
  rtsp: defaultConfig().rtsp,
  limits: defaultConfig().limits,
})

async function check(
  facts: SystemFacts,
  holders: Record<string, Holder> = {},
  server?: Holder,
  camera?: Partial<CameraConfig>,
): Promise<Check[]> {
  const system = exampleSystem({ ...facts, files: { '/etc/passwd': PASSWD, ...facts.files } })
  const processes = {
    holdersOf: async (targets: readonly string[]) =>
      await Promise.resolve(targets.flatMap((target) => holders[target] ?? [])),
    server,
  }
  return await checkPorts(configOf(camera), system, processes)
}

const taken = { ports: { '8080/tcp': 'EADDRINUSE' }, files: { '/proc/net/tcp': TCP } }
const ours: Holder = { pid: 812, name: 'rpi-webrtc', isOurs: true }
const find = (checks: Check[], title: string): Check | undefined => checks.find((c) => c.title === title)

test('free ports are one line', async () =>
  expect(await check({})).toEqual([
    { id: 'port-free', status: 'ok', title: 'ports', detail: '8080/tcp, 8189/udp, 5557/tcp are free' },
  ]))

describe('a port that is taken', () => {
  test('by a visible program is a problem that names it', async () => {
    const nginx = { pid: 321, name: 'nginx', isOurs: false }
    expect(find(await check(taken, { 'socket:[1065]': nginx }), 'port 8080/tcp')).toEqual({
      id: 'port-taken',
      status: 'problem',
      title: 'port 8080/tcp',
      detail: 'server.web-port is in use by nginx (process 321)',
      hint: 'Stop nginx, or set another server.web-port',
    })
  })

  test('by a program of another user is a problem that names the user', async () =>
    expect(find(await check(taken), 'port 8080/tcp')).toMatchObject({
      status: 'problem',
      detail: 'server.web-port is in use by a program of the user www-data',
      hint: expect.stringContaining('sudo ss -tlpn sport = :8080') as string,
    }))

  test('by the running rpi-webrtc is ok', async () => {
    const checks = await check(taken, { 'socket:[1065]': ours }, ours)
    expect(find(checks, 'port 8080/tcp')).toMatchObject({ id: 'port-own', status: 'ok' })
    const service = { ...taken, files: { '/proc/net/tcp': TCP.replace('    33 ', '   999 ') } }
    expect(find(await check(service, {}, ours), 'port 8080/tcp')).toMatchObject({ status: 'ok' })
  })

  test('by an unknown program, while rpi-webrtc runs, is probably used by it', async () =>
    expect(find(await check({ ports: taken.ports }, {}, ours), 'port 8080/tcp')).toMatchObject({
      status: 'warning',
      detail: 'server.web-port is in use, probably by rpi-webrtc (process 812)',
    }))

  test('is found for UDP, too', async () => {
    const udp = TCP.replace('1F90 00000000:0000 0A', '1FFD 00000000:0000 07')
    const facts = { ports: { '8189/udp': 'EADDRINUSE' }, files: { '/proc/net/udp': udp } }
    expect(find(await check(facts), 'port 8189/udp')).toMatchObject({
      status: 'problem',
      detail: expect.stringContaining(
        'webrtc.udp-port is in use by a program of the user www-data',
      ) as string,
    })
  })

  test('is no problem if another port can be used', async () =>
    expect(find(await check({ ports: { '30228/udp': 'EADDRINUSE' } }), 'port 30228/udp')).toMatchObject({
      status: 'warning',
      detail: 'internal port of camera1 is in use by another program; another port is used instead',
    }))

  test('is a problem for an RTP camera', async () => {
    const device = { kind: 'rtp' as const, port: 5004 }
    const checks = await check({ ports: { '5004/udp': 'EADDRINUSE' } }, {}, undefined, { device })
    expect(find(checks, 'port 5004/udp')).toMatchObject({ status: 'problem' })
  })
})

test('a port that needs root is a warning', async () =>
  expect(find(await check({ ports: { '8080/tcp': 'EACCES' } }), 'port 8080/tcp')).toMatchObject({
    id: 'port-denied',
    status: 'warning',
    hint: expect.stringContaining('above 1023') as string,
  }))

test('an address of another machine is one problem, not one for each port', async () => {
  const ports = { '8080/tcp': 'EADDRNOTAVAIL', '8189/udp': 'EADDRNOTAVAIL', '5557/tcp': 'EADDRNOTAVAIL' }
  expect(await check({ ports })).toMatchObject([{ id: 'bind-ip', status: 'problem' }])
})

test('a wrong address of the media port is reported with its own key', async () => {
  const config = configOf()
  const system = exampleSystem({ ports: { '8189/udp': 'EADDRNOTAVAIL' } })
  const nobody = { holdersOf: async () => await Promise.resolve([]), server: undefined }
  const webrtc = { ...config.webrtc, udpBindIp: '192.168.9.9' }
  expect((await checkPorts({ ...config, webrtc }, system, nobody)).at(-1)).toMatchObject({
    title: 'webrtc.udp-bind-ip',
    detail: '192.168.9.9 is not an address of this machine',
  })
})

test('listening sockets are parsed from /proc/net/tcp', () =>
  expect(parseSockets(TCP, 'tcp')).toEqual([{ port: 8080, uid: 33, inode: '1065' }]))

test('a kernel without IPv6 is no problem: the ports are bound to IPv4', async () => {
  const hosts: string[] = []
  const about = {
    bindError: async (port: number, _protocol: string, host: string) => {
      if (port !== 0) hosts.push(host)
      return await Promise.resolve(host === '::' ? 'EAFNOSUPPORT' : undefined)
    },
  }
  expect((await check({ about })).map(({ status }) => status)).toEqual(['ok'])
  expect(hosts.slice(0, 3)).toEqual(['0.0.0.0', '0.0.0.0', '0.0.0.0'])
})
