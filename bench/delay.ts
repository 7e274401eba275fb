import { chromium } from '@playwright/test'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromiumOptions } from '../test/support/chromium.js'
import { pictureAges, shownDelayMs } from '../test/fakes/picture-clock.js'
import { startProgram, until } from '../test/support/program.js'
import { clockCamera, clockTables } from '../test/fakes/clock-camera.js'
import { describe, summary } from './summary.js'

const SECONDS = Number(process.env['SECONDS'] ?? 20)

/**
 * Delay from capture to display: the value on the page, and the time drawn into the pixels by a fake camera. Program and browser run
 * on one machine, with one clock.
 */
console.log(describe())
const registry = join(tmpdir(), `rpi-webrtc-delay-${process.pid}.bin`)
const browser = await chromium.launch(chromiumOptions)
for (const codec of ['vp8', 'h264'] as const) {
  await using program = await startProgram({ tables: clockTables(codec), env: clockCamera(registry) })
  const page = await browser.newPage()
  await page.goto(`${program.url}/camera1/?stats=true`)
  await until(async () => (await shownDelayMs(page, 'camera1')) !== undefined, 30_000)
  const shown: number[] = []
  const displayed: number[] = []
  const read: number[] = []
  for (let second = 0; second < SECONDS; second++) {
    const ages = await pictureAges(page, 'camera1', 1000)
    displayed.push(ages.displayed)
    read.push(ages.read)
    shown.push((await shownDelayMs(page, 'camera1')) ?? NaN)
  }
  const difference = shown.map((ms, i) => ms - displayed[i]!)
  console.log(`${codec} delay that the page shows, ms: ${summary(shown)}`)
  console.log(`${codec} age of the pixels at display, ms: ${summary(displayed)}`)
  console.log(`${codec} age of the pixels when a script reads them, ms: ${summary(read)}`)
  console.log(`${codec} the page minus the pixels, ms: ${summary(difference)}`)
  await page.close()
}
await browser.close()
rmSync(registry, { force: true })
