import type { Page } from '@playwright/test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { launchChromium } from '../test/support/launch-chromium.js'
import { startProgram } from '../test/support/program.js'
import { inbound } from './inbound.js'
import { narrow, onTwoPaths, PATHS, watchCamera, watchedSinceLast } from './load/two-paths.js'
import { describe } from './summary.js'

const SECONDS = Number(process.env['DURATION_S'] ?? 120)
/** The path has each of these rates for so long, in turn. */
const KBIT = (process.env['KBIT'] ?? '300,3000').split(',').map(Number)
const EACH_S = Number(process.env['EACH_S'] ?? 10)
const QUEUE_MS = Number(process.env['QUEUE_MS'] ?? 400)
const CODECS = (process.env['CODECS'] ?? 'vp8,h264').split(',')
const PATTERN = process.env['PATTERN'] ?? 'snow'
/** Small sizes of camera1. */
const LOWS = ['false', '"224x168@15"']

const decodedBy = (figures: Record<string, number>): number => figures['framesDecoded'] ?? 0

/** The widths of the video, one for each change of the size. */
const WATCH_SIZES = `{
  window.widths = []
  const video = document.querySelector('camera-tile[data-camera="camera1"] video')
  video.addEventListener('resize', () => window.widths.push(video.videoWidth))
}`

/** A viewer on a path that is slow and fast in turn: how often the size changes, and how long the picture stands still. */
await onTwoPaths(fileURLToPath(import.meta.url), async () => {
  console.log(`${describe()}; ${KBIT.join(' and ')} kbit/s, ${EACH_S} s each, queue of ${QUEUE_MS} ms`)
  for (const codec of CODECS) for (const low of LOWS) await measure(codec, low)
})

async function measure(codec: string, low: string): Promise<void> {
  await using program = await startProgram({
    bindIp: '0.0.0.0',
    tables: `[camera1]\ndevice = "test:${PATTERN}"\nwidth = 448\nheight = 336\nfps = 20\nlow = ${low}\nwebrtc-port = $PORT1
[video]\ncodec = "${codec}"\nbitrate = 2000000\n[webrtc]\nudp-port = $UDP`,
  })
  await using browser = await launchChromium(PATHS.slow.through)
  const page = await watchCamera(browser, program, PATHS.slow.address)
  await page.evaluate(WATCH_SIZES)
  await alternate(page, `${codec}, low = ${low}`)
}

async function alternate(page: Page, title: string): Promise<void> {
  await watchedSinceLast(page)
  const start = await inbound(page)
  let changes = 0
  for (let atS = 0; atS < SECONDS; atS += EACH_S) {
    const kbit = KBIT[(atS / EACH_S) % KBIT.length]!
    narrow(kbit, QUEUE_MS)
    const before = await inbound(page)
    await sleep(EACH_S * 1000)
    const framesPerSecond = (decodedBy(await inbound(page)) - decodedBy(before)) / EACH_S
    const widths = await page.evaluate<number[]>('window.widths.splice(0)')
    changes += widths.length
    const { gap, over500, delay, worst } = await watchedSinceLast(page)
    console.log(
      `  ${kbit} kbit/s: ${framesPerSecond.toFixed(1)} frames/s, delay ${delay} ms, ${worst} at most, ` +
        `longest gap ${gap.toFixed(0)} ms, ${over500} above 500 ms, sizes ${widths.join(' ') || 'unchanged'}`,
    )
  }
  const end = await inbound(page)
  const grown = (figure: string): number => (end[figure] ?? 0) - (start[figure] ?? 0)
  console.log(
    `${title}, ${SECONDS} s: ${(grown('framesDecoded') / SECONDS).toFixed(1)} frames/s, ${changes} changes of the size, ` +
      `${grown('freezeCount')} freezes, ${grown('totalFreezesDuration').toFixed(1)} s in all`,
  )
}
