import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { measure } from './measure.js'
import { NETWORKS, usesTurn, type Network } from './networks.js'
import { table } from './matrix-table.js'
import type { BrowserName } from './browse.js'

/** Some of the networks of `npm run network-lab`, which measures them all. */
const chosen: [name: string, browser: BrowserName][] = [
  ['server address-dependent, viewer address-dependent', 'Chromium'],
  ['server symmetric, viewer symmetric', 'Chromium'],
  ['UDP blocked', 'Chromium'],
  ['UDP blocked', 'Firefox'],
  ['UDP and TCP blocked except HTTP', 'Chromium'],
  ['two links, asymmetric routes', 'Chromium'],
  ['VPN that came after the server', 'Chromium'],
  ['the viewer gets another address', 'Chromium'],
  ['both symmetric, TURN over UDP', 'Chromium'],
  ['UDP blocked, server behind NAT, TURN over TCP', 'Chromium'],
]

/** For a busy machine: without WebRTC the page tries for half a minute. */
const LIMIT_MS = 240_000

const run = (...words: [string, ...string[]]): boolean =>
  spawnSync(words[0], words.slice(1), { stdio: 'ignore' }).status === 0
const canRun = process.getuid?.() === 0 && run('unshare', '--net', 'nft', 'add', 'table', 'ip', 'probe')
const hasTurnServer = run('sh', '-c', 'command -v turnserver')

const networkOf = (name: string): Network => NETWORKS.find((network) => network.name === name)!
const rows = chosen.map(([name, browser]) => ({ name, browser, network: networkOf(name) }))

test.runIf(canRun).each(rows.filter(({ network }) => !usesTurn(network)))(
  'as expected: $name, $browser',
  async ({ network, browser }) => await expectRows(network, browser),
  LIMIT_MS,
)

test.runIf(canRun && hasTurnServer).each(rows.filter(({ network }) => usesTurn(network)))(
  'as expected with coturn: $name, $browser',
  async ({ network, browser }) => await expectRows(network, browser),
  LIMIT_MS,
)

async function expectRows(network: Network, browser: BrowserName): Promise<void> {
  const measured = await measure(network, browser)
  process.stdout.write(`${table(measured, { head: false })}\n`)
  expect(measured.map(({ failure }) => failure)).toEqual(measured.map(() => undefined))
  expect(measured).toHaveLength(1 + (network.changes ?? []).length)
}

test.runIf(canRun)(
  'a row of a network that has no such path fails',
  async () => {
    const measured = await measure({ ...networkOf('UDP blocked'), path: 'UDP' }, 'Chromium')
    expect(measured[0]!.failure).toBe('the video came over TCP, not over UDP')
  },
  LIMIT_MS,
)
