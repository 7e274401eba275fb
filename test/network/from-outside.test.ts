import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Namespace } from './namespaces.js'
import { routeWithNat, type NatKind } from './nat.js'

const canRun =
  process.getuid?.() === 0 &&
  spawnSync('unshare', ['--net', 'nft', 'add', 'table', 'ip', 'probe']).status === 0

const builtMain = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
const [STUN, OTHER] = ['203.0.113.1', '203.0.113.2']

interface Report {
  checks: { id: string; status: string; message: string }[]
}

/** `doctor --from-outside` on a host behind a router whose address is `wan`. @returns its checks by id. */
async function checksBehind(nat: NatKind, wan: string): Promise<Record<string, Report['checks'][number]>> {
  const [host, router, internet] = [await Namespace.open(), await Namespace.open(), await Namespace.open()]
  for (const each of [host, router, internet]) onTestFinished(() => each[Symbol.dispose]())
  const far = wan.replace(/\d+$/, '254')
  router.connect('wan', `${wan}/24`, internet, 'far', `${far}/24`)
  router.run('ip', 'route', 'add', 'default', 'via', far)
  internet.run('sh', '-c', `ip link set lo up; ip addr add ${STUN}/32 dev lo; ip addr add ${OTHER}/32 dev lo`)
  router.connect('lan', '192.168.7.1/24', host, 'eth0', '192.168.7.20/24')
  host.run('ip', 'route', 'add', 'default', 'via', '192.168.7.1')
  routeWithNat(router, { kind: nat, host: '192.168.7.20' })

  const script = fileURLToPath(new URL('second-address-stun.mjs', import.meta.url))
  const server = internet.spawn(process.execPath, script, STUN, '3478', OTHER)
  const closed = once(server, 'close')
  onTestFinished(async () => {
    server.kill('SIGKILL')
    await closed
  })
  await once(server.stdout!, 'data')

  const folder = await mkdtemp(join(tmpdir(), 'from-outside-'))
  onTestFinished(async () => await rm(folder, { recursive: true }))
  const path = join(folder, 'config.toml')
  await writeFile(
    path,
    `[camera1]\ndevice = "test:ball"\n[webrtc]\nstun-server = "stun:${STUN}:3478"\nannounce = ["203.0.113.99"]\n`,
  )
  const command = [process.execPath, builtMain, 'doctor', '--from-outside', '--json', '--config', path]
  const { checks } = JSON.parse(host.run(...command)) as Report
  return Object.fromEntries(checks.map((check) => [check.id, check]))
}

describe.skipIf(!canRun)('doctor --from-outside', () => {
  test('behind a usual router: the port is kept, and the rules to set', async () => {
    const checks = await checksBehind('port-dependent', '198.51.100.7')
    expect(checks['public-address']).toMatchObject({ status: 'ok', message: 'public address: 198.51.100.7' })
    expect(checks['mapping']!.message).toMatch(/keeps the port number 8189, for every destination/)
    expect(checks['port-forwarding']!.message).toContain(
      'forward UDP port 8189 to 192.168.7.20 port 8189, and TCP port 8189 to 192.168.7.20 port 8189; the router is at 192.168.7.1',
    )
    expect(checks['announce']).toMatchObject({
      status: 'warning',
      message: expect.stringContaining('the public address is 198.51.100.7') as string,
    })
  })

  test('behind a symmetric NAT: a forwarded port is needed', async () => {
    const checks = await checksBehind('symmetric', '198.51.100.7')
    expect(checks['mapping']).toMatchObject({
      status: 'warning',
      message: expect.stringContaining('cannot connect without a forwarded port') as string,
    })
  })

  test('behind carrier-grade NAT: forwarding is of no use, TURN is', async () => {
    const checks = await checksBehind('port-dependent', '100.64.9.7')
    expect(checks['public-address']).toMatchObject({
      status: 'warning',
      message: expect.stringContaining('carrier-grade NAT') as string,
    })
    expect(checks['turn']!.status).toBe('warning')
  })
})
