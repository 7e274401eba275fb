import type { Browser, Page } from '@playwright/test'
import { execFileSync, spawnSync } from 'node:child_process'
import { expect, onTestFinished, test } from 'vitest'
import { inbound } from '../../bench/inbound.js'
import { launchChromium } from '../support/launch-chromium.js'
import { startProgram, until, type Program } from '../support/program.js'

const FRAMES = 60
const SERVER = '10.77.3.1'
const VIEWER = '10.77.3.2'

const run = (file: string, ...args: string[]): void => void execFileSync(file, args)
const isThere = (program: string): boolean =>
  spawnSync('sh', ['-c', 'command -v "$0"', program], { stdio: 'ignore' }).status === 0
const canPlay = process.getuid?.() === 0 && ['ip', 'nft'].every(isThere)

/** Two network namespaces with a cable between them. */
function layCable(): { server: string; viewer: string } {
  const [server, viewer] = ['server', 'viewer'].map((role) => `rpi-webrtc-tcp-${role}-${process.pid}`) as [
    string,
    string,
  ]
  for (const name of [server, viewer]) {
    run('ip', 'netns', 'add', name)
    onTestFinished(() => run('ip', 'netns', 'del', name))
    run('ip', '-n', name, 'link', 'set', 'lo', 'up')
  }
  run('ip', '-n', server, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', viewer)
  run('ip', '-n', server, 'addr', 'add', `${SERVER}/24`, 'dev', 'eth0')
  run('ip', '-n', server, 'link', 'set', 'eth0', 'up')
  run('ip', '-n', viewer, 'addr', 'add', `${VIEWER}/24`, 'dev', 'eth0')
  run('ip', '-n', viewer, 'link', 'set', 'eth0', 'up')
  run('ip', '-n', viewer, 'route', 'add', 'default', 'via', SERVER) // Chromium opens no socket without one
  return { server, viewer }
}

/** Drops UDP at both ends without a word, as a firewall between them does. */
function blockUdp(names: string[]): void {
  for (const name of names) {
    const nft = (...words: string[]): void => run('ip', 'netns', 'exec', name, 'nft', words.join(' '))
    nft('add table inet firewall')
    nft('add chain inet firewall input { type filter hook input priority 0; }')
    nft('add rule inet firewall input iifname "eth0" meta l4proto udp drop')
  }
}

async function browseFrom(namespace: string): Promise<Browser> {
  const browser = await launchChromium(['ip', 'netns', 'exec', namespace])
  onTestFinished(async () => await browser.close())
  return browser
}

async function startOn(namespace: string): Promise<Program> {
  const program = await startProgram({
    bindIp: '0.0.0.0',
    through: ['ip', 'netns', 'exec', namespace],
    tables:
      '[camera1]\ndevice = "test:ball"\nwidth = 640\nheight = 480\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n',
  })
  onTestFinished(async () => await program[Symbol.asyncDispose]())
  return program
}

/** The transport of the selected candidate pair (W3C webrtc-stats). */
const transportOf = async (page: Page): Promise<unknown> =>
  await page.evaluate(`(async () => {
    const stats = await document.querySelector('camera-tile[data-camera="camera1"]').peerConnection.getStats()
    const transport = [...stats.values()].find(({ type }) => type === 'transport')
    return stats.get(stats.get(transport.selectedCandidatePairId).remoteCandidateId).protocol
  })()`)

async function framesOf(page: Page): Promise<number> {
  return (await inbound(page))['framesDecoded'] ?? 0
}

test.runIf(canPlay).each([
  ['tcp', 'blocked'],
  ['udp', 'open'],
])('Chromium decodes frames over %s where UDP is %s', async (transport, udp) => {
  const { server, viewer } = layCable()
  if (udp === 'blocked') blockUdp([server, viewer])
  const program = await startOn(server)
  const browser = await browseFrom(viewer)
  const page = await browser.newPage()
  const startedMs = performance.now()
  await page.goto(`http://${SERVER}:${program.webPort}/camera1/`, { waitUntil: 'commit' })
  await until(async () => (await framesOf(page)) > 0, 20_000)
  const firstFrameS = ((performance.now() - startedMs) / 1000).toFixed(1)
  const before = await framesOf(page)
  await until(async () => (await framesOf(page)) >= before + FRAMES, 20_000)
  expect(await transportOf(page)).toBe(transport)
  const { framesDecoded, packetsLost, freezeCount } = await inbound(page)
  process.stdout.write(
    `UDP ${udp}: ${transport}, first frame after ${firstFrameS} s, ${framesDecoded} frames decoded, ${packetsLost} packets lost, ${freezeCount} freezes\n`,
  )
})
