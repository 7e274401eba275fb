import { chromium } from '@playwright/test'
import { chromiumOptions } from '../test/helpers/chromium.js'
import { startProgram, until } from '../test/helpers/program.js'
import { describe, summary } from './summary.js'

const ROUNDS = Number(process.env['ROUNDS'] ?? 10)
const KEYFRAME_INTERVAL = 300

/**
 * Time from opening a page to the first decoded frame in it, in milliseconds, in a fresh browser context each time. A keyframe
 * comes by itself every 10 s only, so nearly every first picture is one that was asked for.
 */
const browser = await chromium.launch(chromiumOptions)
console.log(describe())
for (const codec of ['vp8', 'h264']) {
  await using program = await startProgram({
    tables: `[camera1]\ndevice = "test:smpte"\nwebrtc-port = $PORT1\n[camera2]\ndevice = "test:smpte"\nwebrtc-port = $PORT2
[video]\ncodec = "${codec}"\nkeyframe-interval = ${KEYFRAME_INTERVAL}\n[webrtc]\nudp-port = $UDP`,
  })
  for (const path of ['/camera1/', '/']) {
    const firstFrameMs: number[] = []
    for (let round = 0; round < ROUNDS; round++)
      firstFrameMs.push(await openOnce(program.url + path, path === '/' ? 2 : 1))
    console.log(`${codec} ${path.padEnd(9)} page open to first frame, ms: ${summary(firstFrameMs)}`)
  }
}
await browser.close()

/** @returns when the last of `videos` had its first frame, in milliseconds since the navigation began. */
async function openOnce(url: string, videos: number): Promise<number> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.addInitScript(
    `window.firstFrames = []; addEventListener('loadeddata', () => firstFrames.push(performance.now()), true)`,
  )
  await page.goto(url)
  const frames = async (): Promise<number[]> => await page.evaluate('firstFrames')
  await until(async () => (await frames()).length >= videos, 10_000)
  const ms = Math.max(...(await frames()))
  await context.close()
  return ms
}
