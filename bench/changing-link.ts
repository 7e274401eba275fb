import type { Page } from '@playwright/test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { launchChromium } from '../test/support/launch-chromium.js'
import { startProgram } from '../test/support/program.js'
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

/** The widths of the video, one for each change of the size. */
const WATCH_SIZES = `{
  window.widths = []
  const video = document.querySelector('camera-tile[data-camera="camera1"] video')
  let width = video.videoWidth
  video.addEventListener('resize', () => {
    if (video.videoWidth !== width && video.videoWidth >= 16) window.widths.push((width = video.videoWidth))
  })
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
  const all = { frames: 0, changes: 0, over500: 0, stillMs: 0 }
  for (let atS = 0; atS < SECONDS; atS += EACH_S) {
    const kbit = KBIT[(atS / EACH_S) % KBIT.length]!
    narrow(kbit, QUEUE_MS)
    await sleep(EACH_S * 1000)
    const widths = await page.evaluate<number[]>('window.widths.splice(0)')
    const { frames, gap, over500, stillMs, delay, worst } = await watchedSinceLast(page)
    all.frames += frames
    all.changes += widths.length
    all.over500 += over500
    all.stillMs += stillMs
    console.log(
      `  ${kbit} kbit/s: ${(frames / EACH_S).toFixed(1)} frames/s, delay ${delay} ms, ${worst} at most, ` +
        `longest gap ${gap.toFixed(0)} ms, ${over500} above 500 ms, sizes ${widths.join(' ') || 'unchanged'}`,
    )
  }
  console.log(
    `${title}, ${SECONDS} s: ${(all.frames / SECONDS).toFixed(1)} frames/s, ${all.changes} changes of the size, ` +
      `${all.over500} gaps above 500 ms, ${(all.stillMs / 1000).toFixed(1)} s in all`,
  )
}
