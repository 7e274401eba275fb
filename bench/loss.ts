import { chromium } from '@playwright/test'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { chromiumOptions } from '../test/helpers/chromium.js'
import { startProgram, until } from '../test/helpers/program.js'
import { inbound } from './inbound.js'
import { describe } from './summary.js'

const SECONDS = Number(process.env['DURATION_S'] ?? 60)
const LOSS_PERCENT = Number(process.env['LOSS'] ?? 5)

/**
 * What a viewer sees on a path that loses packets, both ways, with retransmissions of their own (RFC 4588) and with packets sent
 * again as they were. Runs the program
 * and Chromium in a network namespace of their own, where nftables drops the packets; needs root, iproute2 and nftables.
 */
/** How to take one way of repair out of what the page offers. */
const without: Record<string, string | undefined> = {
  retransmissions: undefined,
  'plain resending': `
    const send = WebSocket.prototype.send
    WebSocket.prototype.send = function (text) { send.call(this, text.replaceAll(' rtx/90000', ' none/90000')) }`,
}

// Chromium looks for a way out before it opens a socket: an interface that leads nowhere is enough.
const script =
  'ip link set lo up && ip link add out type veth peer name in && ip link set in up && ip addr add 192.0.2.1/24 dev out && ip link set out up && ' +
  'ip route add default dev out && exec "$0" "$@"'

if (process.env['RPI_WEBRTC_LOSSY'] === undefined) {
  const inside = spawnSync(
    'unshare',
    ['--net', 'sh', '-c', script, process.execPath, '--import', 'tsx', fileURLToPath(import.meta.url)],
    { stdio: 'inherit', env: { ...process.env, RPI_WEBRTC_LOSSY: '1' } },
  )
  process.exitCode = inside.status ?? 1
} else {
  await measure()
}

async function measure(): Promise<void> {
  console.log(describe())
  const browser = await chromium.launch(chromiumOptions)
  for (const codec of ['vp8', 'h264']) {
    await using program = await startProgram({
      tables: `[camera1]\ndevice = "test:smpte"\nwebrtc-port = $PORT1\n[video]\ncodec = "${codec}"\nkeyframe-interval = 300\n[webrtc]\nudp-port = $UDP`,
    })
    drop(program.udpPort)
    for (const [repair, script] of Object.entries(without)) {
      const page = await browser.newPage()
      if (script !== undefined) await page.addInitScript(script)
      await page.goto(`${program.url}/camera1/`)
      await until(async () => (await inbound(page))['framesDecoded'] !== undefined, 20_000)
      const before = await inbound(page)
      await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000))
      const after = await inbound(page)
      const grown = (name: string): number => (after[name] ?? 0) - (before[name] ?? 0)
      const figures = [
        'framesDecoded',
        'freezeCount',
        'packetsLost',
        'nackCount',
        'retransmittedPacketsReceived',
        'pliCount',
      ]
      const line = figures.map((name) => `${name} ${grown(name)}`).join(', ')
      console.log(
        `${codec}, ${LOSS_PERCENT} % lost each way, ${repair}, ${SECONDS} s: ${line}, totalFreezesDuration ${grown('totalFreezesDuration').toFixed(2)} s`,
      )
      await page.close()
    }
  }
  await browser.close()
}

function drop(port: number): void {
  const rules = ['dport', 'sport'].map(
    (side) => `add rule inet lossy in udp ${side} ${port} numgen random mod 100 < ${LOSS_PERCENT} drop`,
  )
  const script = [
    'flush ruleset',
    'add table inet lossy',
    'add chain inet lossy in { type filter hook input priority 0; }',
    ...rules,
  ]
  const { status } = spawnSync('nft', ['-f', '-'], {
    input: script.join('\n'),
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  if (status !== 0) throw new Error('nft did not take the rules')
}
