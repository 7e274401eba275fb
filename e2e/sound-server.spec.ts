import { expect, test, type Page } from '@playwright/test'
import { startProgram, type Program } from '../test/support/program.js'
import { showControls } from './helpers/menu.js'
import { expectState } from './helpers/tile.js'

/** The sound of the server, from its encoder to the bar of the page. Its test sound is a tone of a tenth of a second, each second. */

let program: Program
test.beforeAll(async () => {
  program = await startProgram({
    tables: `[camera1]\ndevice = "test:smpte"\nwebrtc-port = $PORT1\n[camera1.audio]\ndevice = "test"\n[camera2]\ndevice = "test:smpte"\nwebrtc-port = $PORT2\n[webrtc]\nudp-port = $UDP`,
  })
})
test.afterAll(async () => await program[Symbol.asyncDispose]())

const button = (page: Page, camera: string) => page.locator(`[data-camera="${camera}"] .sound`)

/** Notes each level that the bar shows. */
async function noteLevels(page: Page): Promise<() => Promise<number[]>> {
  await page.evaluate(() => {
    const bar = document.querySelector<HTMLElement>('[data-camera="camera1"] .level')!
    const levels: number[] = []
    Object.assign(window, { levels })
    const note = (): void => void levels.push(Number(bar.style.getPropertyValue('--level')))
    new MutationObserver(note).observe(bar, { attributeFilter: ['style'] })
  })
  return async () => await page.evaluate(() => (window as unknown as { levels: number[] }).levels)
}

/** How often the level has risen from quiet to loud. */
function burstsIn(levels: readonly number[]): number {
  let isLoud = false
  let bursts = 0
  for (const level of levels) {
    if (level > 0.6 && !isLoud) bursts++
    if (level > 0.6) isLoud = true
    else if (level < 0.2) isLoud = false
  }
  return bursts
}

test('the tone of the server is heard and shown each second, after a reconnection too', async ({ page }) => {
  await page.goto(program.url)
  for (const camera of ['camera1', 'camera2']) await expectState(page, camera, 'live')
  await showControls(page, 'camera1')
  await expect(button(page, 'camera1')).toBeVisible()
  await expect(button(page, 'camera2')).toBeHidden()
  const levels = await noteLevels(page)
  await button(page, 'camera1').click()
  await expect(button(page, 'camera1')).toHaveAttribute('aria-pressed', 'true')
  const startMs = Date.now()
  await expect.poll(async () => burstsIn(await levels()), { timeout: 20_000 }).toBeGreaterThanOrEqual(5)
  const seconds = (Date.now() - startMs) / 1000
  console.log(`5 bursts within ${seconds.toFixed(1)} s`)
  expect(seconds).toBeGreaterThan(3) // not noise

  await page.locator('[data-camera="camera1"]').focus()
  await page.keyboard.press('p')
  await expectState(page, 'camera1', 'paused')
  await page.keyboard.press('p')
  await expectState(page, 'camera1', 'live')
  await expect(button(page, 'camera1')).toHaveAttribute('aria-pressed', 'true')
  const before = burstsIn(await levels())
  await expect
    .poll(async () => burstsIn(await levels()), { timeout: 20_000 })
    .toBeGreaterThanOrEqual(before + 3)
})
