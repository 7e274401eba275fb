import { expect, test, type Page } from '@playwright/test'
import { startProgram, type Program } from '../test/support/program.js'
import { expectState } from './helpers/tile.js'

const camera = (number: number): string =>
  `[camera${number}]\ndevice = "test:smpte"\nwidth = 640\nheight = 480\nfps = 10\nwebrtc-port = $PORT${number}\n`

let program: Program
test.beforeAll(async () => {
  program = await startProgram({
    tables: `${camera(1)}${camera(2)}${camera(3)}[webrtc]\nudp-port = $UDP\nmax-clients = 1`,
  })
})
test.afterAll(async () => await program[Symbol.asyncDispose]())

/** Headless Chromium never hides a page: the event and the property are what the page sees of a hidden tab. */
async function hide(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => value })
    document.dispatchEvent(new Event('visibilitychange'))
  }, hidden)
}

const viewers = async (number = 1): Promise<number> =>
  (await program.health()).cameras[`camera${number}`]!.viewers

/** The grace is 15 s. */
const later = { timeout: 30_000 }

test('a hidden tab gives its slot to others, and shows its last picture at once when it is back', async ({
  page,
  context,
}) => {
  await page.goto(`${program.url}/camera1/`)
  await expectState(page, 'camera1', 'live')
  await hide(page, true)
  await expect.poll(viewers, later).toBe(0)
  await expectState(page, 'camera1', 'unwatched')
  const still = page.locator('[data-camera="camera1"] .last-frame')
  await expect(still).toHaveJSProperty('width', 640)

  const other = await context.newPage()
  await other.goto(`${program.url}/camera1/`)
  await expectState(other, 'camera1', 'live')
  await other.close()
  await expect.poll(viewers).toBe(0)

  const atMs = await page.evaluate(() => performance.now())
  await hide(page, false)
  expect(await still.evaluate((canvas: HTMLCanvasElement) => canvas.width)).toBe(640)
  await expectState(page, 'camera1', 'live')
  console.log(`back after ${Math.round((await page.evaluate(() => performance.now())) - atMs)} ms`)
  expect(await viewers()).toBe(1)
})

test('a short look away changes nothing, and ?background=true keeps the slot', async ({ page }) => {
  await page.goto(`${program.url}/camera1/?background=true`)
  await expectState(page, 'camera1', 'live')
  const frames = async (): Promise<number> =>
    await page.evaluate(() => document.querySelector('video')!.getVideoPlaybackQuality().totalVideoFrames)
  const before = await frames()
  await hide(page, true)
  // 20 s at ten frames per second, which is past the grace.
  await expect.poll(frames, { timeout: 40_000 }).toBeGreaterThan(before + 200)
  expect(await viewers()).toBe(1)
})

test('a tile that is scrolled out of sight gives its slot back and plays when it is in sight again', async ({
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 300 })
  await page.goto(program.url)
  await expectState(page, 'camera1', 'live')
  await expect.poll(async () => await viewers(3), later).toBe(0)
  expect(await viewers(1)).toBe(1)
  await expectState(page, 'camera1', 'live')
  await page.locator('[data-camera="camera3"]').scrollIntoViewIfNeeded()
  await expectState(page, 'camera3', 'live')
})

test('?sleep stops the pictures without a touch, and a key wakes them', async ({ page }) => {
  await page.goto(`${program.url}/camera1/?sleep=0.05`)
  await expectState(page, 'camera1', 'unwatched')
  await expect.poll(viewers).toBe(0)
  await expect(page.getByRole('button', { name: 'Asleep' })).toBeVisible()
  await page.keyboard.press('Shift')
  await expectState(page, 'camera1', 'live')
})
