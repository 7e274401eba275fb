import { chromium, type Page } from '@playwright/test'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromiumOptions } from '../test/support/chromium.js'
import { childrenOf, freePorts, startProgram, until } from '../test/support/program.js'
import { rateBetween, usageOf, type Usage } from './load/usage.js'
import { describe } from './summary.js'

const SECONDS = Number(process.env['SECONDS'] ?? 20)
const ROUNDS = Number(process.env['ROUNDS'] ?? 3)
const CAMERAS = Number(process.env['CAMERAS'] ?? 9)
const CODEC = process.env['CODEC'] ?? 'h264'
const LOWS = ['false', '"320x240@15"']
const WINDOW = { width: 1024, height: 768 }
/** Until small tiles have asked for the small size, and players have settled. */
const SETTLE_MS = 8000

interface Tiles {
  bytes: number
  frames: number
  widths: number[]
}

/** A page of many cameras, with and without a small size: bytes over the network, and CPU of the browser, which decodes them all. */
console.log(describe())
console.log(
  `${CAMERAS} cameras of 640x480 at 15 frames/s, ${CODEC}, a window of ${WINDOW.width}x${WINDOW.height}, ${SECONDS} s each`,
)
for (let round = 0; round < ROUNDS; round++) for (const low of LOWS) await measure(low)

async function measure(low: string): Promise<void> {
  const tables = (await freePorts(CAMERAS)).map(
    (port, i) =>
      `[camera${i + 1}]\ndevice = "test:ball"\nwidth = 640\nheight = 480\nfps = 15\nlow = ${low}\nwebrtc-port = ${port}\n`,
  )
  await using program = await startProgram({
    tables: `${tables.join('')}[video]\ncodec = "${CODEC}"\n[webrtc]\nudp-port = $UDP\n`,
  })
  await until(async () => (await program.health()).status === 'ok', 60_000)
  const server = await chromium.launchServer(chromiumOptions)
  try {
    const browser = await chromium.connect(server.wsEndpoint())
    const page = await browser.newPage({ viewport: WINDOW })
    await page.goto(program.url)
    await until(async () => (await tilesOf(page)).widths.every((width) => width > 0), 60_000)
    await sleep(SETTLE_MS)
    const pids = await treeOf(server.process().pid!)
    const [before, usageBefore] = [await tilesOf(page), await usages(pids)]
    await sleep(SECONDS * 1000)
    const [after, usageAfter] = [await tilesOf(page), await usages(pids)]
    const cpuPercent = usageBefore.reduce(
      (sum, usage, i) => sum + rateBetween(usage, usageAfter[i]!).cpuPercent,
      0,
    )
    console.log(
      `low = ${low}: ${(((after.bytes - before.bytes) * 8) / SECONDS / 1000).toFixed(0)} kbit/s, ` +
        `${((after.frames - before.frames) / SECONDS / CAMERAS).toFixed(1)} frames/s decoded for each camera, ` +
        `browser ${cpuPercent.toFixed(0)} % of a core, widths ${[...new Set(after.widths)].join(' ')}`,
    )
  } finally {
    await server.close()
  }
}

/** Sums over all cameras of the page, and the width of each video. */
async function tilesOf(page: Page): Promise<Tiles> {
  return await page.evaluate(`(async () => {
    const sum = { bytes: 0, frames: 0, widths: [] }
    for (const tile of document.querySelectorAll('camera-tile')) {
      const stats = [...((await tile.peerConnection?.getStats())?.values() ?? [])]
      const video = stats.find(({ type, kind }) => type === 'inbound-rtp' && kind === 'video')
      sum.bytes += video?.bytesReceived ?? 0
      sum.frames += video?.framesDecoded ?? 0
      sum.widths.push(video?.frameWidth ?? 0)
    }
    return sum
  })()`)
}

async function treeOf(pid: number): Promise<number[]> {
  const children = await childrenOf(pid)
  return [pid, ...(await Promise.all(children.map(treeOf))).flat()]
}

async function usages(pids: readonly number[]): Promise<Usage[]> {
  return await Promise.all(pids.map(usageOf))
}
