import { expect, test, type Page } from '@playwright/test'
import { startProgram, type Program } from '../test/support/program.js'
import { choose } from './helpers/menu.js'
import { expectState, received } from './helpers/tile.js'

const camera = (number: number): string =>
  `[camera${number}]\nname = "Camera ${number}"\ndevice = "test:smpte"\nwidth = 640\nheight = 480\nfps = 20\nlow = "160x120@10"\nwebrtc-port = $PORT${number}\n`

let program: Program
test.beforeAll(async () => {
  program = await startProgram({ tables: `${camera(1)}${camera(2)}[webrtc]\nudp-port = $UDP` })
})
test.afterAll(async () => await program[Symbol.asyncDispose]())

/** Size of the picture that is shown, and how many were decoded. */
async function sizeOf(page: Page, key = 'camera1'): Promise<string> {
  return await page.locator(`[data-camera="${key}"] video`).evaluate((video) => {
    const { videoWidth, videoHeight } = video as HTMLVideoElement
    return `${videoWidth}x${videoHeight}`
  })
}
const slow = { timeout: 20_000 }

test('the menu chooses the size, pictures go on, and the page remembers it', async ({ page }) => {
  await page.goto(`${program.url}/camera1/`)
  await expectState(page, 'camera1', 'live')
  await expect.poll(async () => await sizeOf(page), slow).toBe('640x480')
  for (const [quality, size] of [
    ['low', '160x120'],
    ['high', '640x480'],
    ['low', '160x120'],
  ] as const) {
    await choose(page, 'camera1', `Quality: ${quality}`)
    await expect.poll(async () => await sizeOf(page), slow).toBe(size)
    const { framesDecoded } = await received(page, 'camera1')
    await expect
      .poll(async () => (await received(page, 'camera1')).framesDecoded, slow)
      .toBeGreaterThan(framesDecoded + 10)
    await expectState(page, 'camera1', 'live')
  }
  expect((await received(page, 'camera1')).packetsLost).toBe(0)
  await page.reload()
  await expectState(page, 'camera1', 'live')
  await expect.poll(async () => await sizeOf(page), slow).toBe('160x120')
})

test('the address chooses it', async ({ page }) => {
  await page.goto(`${program.url}/camera1/?quality=low`)
  await expectState(page, 'camera1', 'live')
  await expect.poll(async () => await sizeOf(page), slow).toBe('160x120')
})

test('small tiles ask for the small size, and the large one does not', async ({ page }) => {
  await page.setViewportSize({ width: 700, height: 700 })
  await page.goto(`${program.url}/#large=camera2`)
  for (const key of ['camera1', 'camera2']) await expectState(page, key, 'live')
  await expect.poll(async () => await sizeOf(page, 'camera1'), slow).toBe('160x120')
  expect(await sizeOf(page, 'camera2')).toBe('640x480')
})
