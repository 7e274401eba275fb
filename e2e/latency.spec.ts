import { expect, test, type Page } from '@playwright/test'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median, pictureAges, shownDelayMs } from '../test/fakes/picture-clock.js'
import { childrenOf, startProgram } from '../test/support/program.js'
import { clockCamera, clockTables } from '../test/fakes/clock-camera.js'
import { expectState } from './helpers/tile.js'

const registry = join(tmpdir(), `rpi-webrtc-latency-${process.pid}.bin`)
test.afterAll(() => rmSync(registry, { force: true }))

/** The latency that the page shows minus that of the pixels, in milliseconds: the median of some seconds. */
async function compare(page: Page, title: string): Promise<number> {
  await expect
    .poll(async () => await shownDelayMs(page, 'camera1'), { timeout: 15_000 })
    .toBeGreaterThanOrEqual(0)
  const differences: number[] = []
  for (let second = 0; second < 5; second++) {
    const ages = await pictureAges(page, 'camera1', 1000)
    const shownMs = await shownDelayMs(page, 'camera1')
    expect(ages.pictures).toBeGreaterThan(0)
    console.log(
      `${title}: the page shows ${shownMs} ms, pixels ${ages.displayed.toFixed(1)} at display, ${ages.read.toFixed(1)} when read`,
    )
    differences.push((shownMs ?? NaN) - ages.displayed)
  }
  return median(differences)
}

/** A clock that is wrong stays wrong; on a busy machine a frame that was late disturbs some seconds. */
const agrees = async (page: Page, title: string): Promise<void> =>
  await expect
    .poll(async () => Math.abs(await compare(page, title)), { timeout: 60_000, intervals: [0] })
    .toBeLessThan(30)

for (const codec of ['vp8', 'h264'] as const) {
  test(`the latency that the page shows is the age of its pixels, also after a camera restart, ${codec}`, async ({
    page,
  }) => {
    await using program = await startProgram({ tables: clockTables(codec), env: clockCamera(registry) })
    await page.goto(`${program.url}/camera1/?stats=true`)
    await expectState(page, 'camera1', 'live', 30_000)
    await agrees(page, codec)

    process.kill((await childrenOf(program.pid))[0]!, 'SIGKILL')
    await expect.poll(async () => (await program.health()).cameras['camera1']!.restarts).toBe(1)
    await expectState(page, 'camera1', 'live')
    await agrees(page, `${codec}, restarted`)
  })
}
