import { readFile } from 'node:fs/promises'
import { expect, test, type Page } from '@playwright/test'
import { startProgram, type Program } from '../test/support/program.js'
import { barsOf, decodeJpeg } from '../test/fakes/jpeg.js'
import { choose, showControls } from './helpers/menu.js'
import { expectColours, expectState, received, smpteBars } from './helpers/tile.js'

const camera = (number: number): string =>
  `[camera${number}]\nname = "Camera ${number}"\ndevice = "test:smpte"\nwidth = 320\nheight = 240\nfps = 15\nwebrtc-port = $PORT${number}\n`

let program: Program
test.beforeAll(async () => {
  program = await startProgram({ tables: `${camera(1)}${camera(2)}[webrtc]\nudp-port = $UDP` })
})
test.afterAll(async () => await program[Symbol.asyncDispose]())

const tileBox = async (page: Page) => (await page.locator('[data-camera="camera1"]').boundingBox())!

/** How much larger than the tile the picture is shown. */
async function scaleOf(page: Page): Promise<number> {
  const video = (await page.locator('[data-camera="camera1"] video').boundingBox())!
  return video.width / (await tileBox(page)).width
}

test('the wheel zooms around the pointer, a drag moves, and no frame is lost meanwhile', async ({ page }) => {
  await page.goto(program.url)
  await expectState(page, 'camera1', 'live')
  const tile = await tileBox(page)
  const before = await received(page, 'camera1')
  await page.mouse.move(tile.x + 50, tile.y + 50)
  for (let i = 0; i < 5; i++) await page.mouse.wheel(0, -240)
  await expect.poll(async () => await scaleOf(page)).toBeGreaterThan(4)
  const zoomed = (await page.locator('[data-camera="camera1"] video').boundingBox())!
  // The point under the pointer has stayed.
  const scale = await scaleOf(page)
  expect(Math.abs((tile.x + 50 - zoomed.x) / scale - 50)).toBeLessThan(1)

  await page.mouse.down()
  await page.mouse.move(tile.x + 20, tile.y + 30, { steps: 5 })
  await page.mouse.up()
  const moved = (await page.locator('[data-camera="camera1"] video').boundingBox())!
  expect(moved.x).toBeLessThan(zoomed.x - 20)
  expect(await tileBox(page)).toEqual(tile) // the drag was no click
  expect(await page.evaluate(() => window.scrollY)).toBe(0)

  await expect
    .poll(async () => (await received(page, 'camera1')).framesDecoded)
    .toBeGreaterThan(before.framesDecoded + 30)
  expect((await received(page, 'camera1')).framesDropped - before.framesDropped).toBe(0)
  for (let i = 0; i < 12; i++) await page.mouse.wheel(0, 240)
  await expect.poll(async () => await scaleOf(page)).toBeCloseTo(1, 2)
})

test('where the page scrolls, the wheel is for that', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 400 })
  await page.goto(program.url)
  await expectState(page, 'camera1', 'live')
  const { x, y } = await tileBox(page)
  await page.mouse.move(x + 50, y + 50)
  await page.mouse.wheel(0, 150)
  await expect.poll(async () => await page.evaluate(() => window.scrollY)).toBeGreaterThan(50)
  await page.mouse.wheel(0, -100)
  expect(await scaleOf(page)).toBeCloseTo(1, 2)
})

test('plus, minus, arrows and 0 zoom and move by keyboard alone', async ({ page }) => {
  await page.goto(program.url)
  await expectState(page, 'camera1', 'live')
  await page.locator('[data-camera="camera1"]').focus()
  await page.keyboard.press('+')
  await page.keyboard.press('+')
  await expect.poll(async () => await scaleOf(page)).toBeCloseTo(2.25, 2)
  const left = async (): Promise<number> =>
    (await page.locator('[data-camera="camera1"] video').boundingBox())!.x
  const before = await left()
  await page.keyboard.press('ArrowRight')
  expect(await left()).toBeLessThan(before)
  await page.keyboard.press('-')
  await expect.poll(async () => await scaleOf(page)).toBeCloseTo(1.5, 2)
  await page.keyboard.press('0')
  await expect.poll(async () => await scaleOf(page)).toBeCloseTo(1, 2)
})

test('two fingers zoom the tile and not the page; a double tap zooms and shows all again', async ({
  browser,
}) => {
  const context = await browser.newContext({ hasTouch: true, viewport: { width: 390, height: 844 } })
  const page = await context.newPage()
  await page.goto(program.url)
  await expectState(page, 'camera1', 'live')
  const { x, y } = await tileBox(page)
  const client = await context.newCDPSession(page)
  const touch = async (type: 'touchStart' | 'touchMove' | 'touchEnd', apart?: number): Promise<void> => {
    await client.send('Input.dispatchTouchEvent', {
      type,
      touchPoints:
        apart === undefined
          ? []
          : [
              { x: x + 150 - apart, y: y + 100, id: 0 },
              { x: x + 150 + apart, y: y + 100, id: 1 },
            ],
    })
  }
  await touch('touchStart', 20)
  for (let apart = 25; apart <= 60; apart += 5) await touch('touchMove', apart)
  await touch('touchEnd')
  await expect.poll(async () => await scaleOf(page)).toBeGreaterThan(2.5)
  expect(await page.evaluate(() => window.visualViewport!.scale)).toBe(1)

  const doubleTap = async (): Promise<void> => {
    await page.touchscreen.tap(x + 100, y + 100)
    await page.touchscreen.tap(x + 100, y + 100)
  }
  await doubleTap()
  await expect.poll(async () => await scaleOf(page)).toBeCloseTo(1, 2)
  await doubleTap()
  await expect.poll(async () => await scaleOf(page)).toBeCloseTo(2.5, 1)
  expect(await page.evaluate(() => document.fullscreenElement)).toBeNull()
  await context.close()
})

test('the saved picture is what is seen: all bars, and mirrored', async ({ page }) => {
  await page.goto(program.url)
  await expectState(page, 'camera1', 'live')
  const save = async () => {
    const downloading = page.waitForEvent('download')
    const tile = await showControls(page, 'camera1')
    await tile.getByRole('button', { name: 'Save a picture of Camera 1' }).click()
    const download = await downloading
    expect(download.suggestedFilename()).toMatch(/^Camera 1 \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.jpg$/)
    return decodeJpeg(await readFile(await download.path()))
  }
  expectColours(barsOf(await save(), 0.3), smpteBars)
  await choose(page, 'camera1', 'Mirror')
  await page.keyboard.press('Escape')
  expectColours(barsOf(await save(), 0.3), [...smpteBars].reverse())
})

test('a recording is a video that plays', async ({ page }) => {
  await page.goto(program.url)
  await expectState(page, 'camera1', 'live')
  await choose(page, 'camera1', 'Record')
  const stop = page.getByRole('button', { name: /^Stop recording 0:0[2-9]/ })
  await expect(stop).toBeVisible({ timeout: 15_000 })
  const downloading = page.waitForEvent('download')
  await stop.click()
  const download = await downloading
  expect(download.suggestedFilename()).toMatch(/^Camera 1 .*\.(?:mp4|webm)$/)
  const bytes = (await readFile(await download.path())).toString('base64')
  const size = await page.evaluate(async (base64) => {
    const video = document.createElement('video')
    const data = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
    video.src = URL.createObjectURL(new Blob([data]))
    await new Promise((resolve, reject) => {
      video.onloadeddata = resolve
      video.onerror = () => reject(new Error(video.error?.message))
    })
    return [video.videoWidth, video.videoHeight]
  }, bytes)
  expect(size).toEqual([320, 240])
  await expect(page.locator('[data-camera="camera1"] .recording')).toBeHidden()
})
