import { expect, test, type Page } from '@playwright/test'
import { startProgram, type Program } from '../test/support/program.js'
import { twoTestCameras } from './helpers/cameras.js'
import { expectState, holdAssets, received } from './helpers/tile.js'

let program: Program
test.beforeAll(async () => {
  program = await startProgram({ tables: twoTestCameras('vp8', 'keyframe-interval = 300') })
})
test.afterAll(async () => await program[Symbol.asyncDispose]())

const overflows = async (page: Page): Promise<boolean> =>
  await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)

test('on a phone the cameras are stacked and not cut off', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(program.url)
  for (const camera of ['camera1', 'camera2']) await expectState(page, camera, 'live')
  const [first, second] = await Promise.all(
    ['camera1', 'camera2'].map(
      async (camera) => await page.locator(`[data-camera="${camera}"] video`).boundingBox(),
    ),
  )
  expect(second!.y).toBeGreaterThanOrEqual(first!.y + first!.height)
  expect(first!.width).toBeGreaterThan(330)
  expect(second!.y + second!.height).toBeLessThanOrEqual(844)
  expect(await overflows(page)).toBe(false)
})

test('on a desktop the cameras are side by side', async ({ page }) => {
  await page.goto(program.url)
  await expectState(page, 'camera2', 'live')
  const [first, second] = await Promise.all(
    ['camera1', 'camera2'].map(
      async (camera) => await page.locator(`[data-camera="${camera}"] video`).boundingBox(),
    ),
  )
  expect(second!.x).toBeGreaterThanOrEqual(first!.x + first!.width)
  expect(Math.abs(second!.y - first!.y)).toBeLessThan(2)
  expect(await overflows(page)).toBe(false)
})

test('the video starts from the page alone, and the modules keep its element', async ({ page }) => {
  const release = await holdAssets(page)
  await page.goto(`${program.url}/camera1/`, { waitUntil: 'commit' })
  const video = page.locator('[data-camera="camera1"] video')
  await expect.poll(async () => await video.evaluate((it: HTMLVideoElement) => it.readyState)).toBe(4)
  const first = await video.elementHandle()
  release()
  await expectState(page, 'camera1', 'live')
  expect(await video.evaluate((it, before) => it === before, first)).toBe(true)
})

test('the page of one camera shows only that camera', async ({ page }) => {
  await page.goto(`${program.url}/camera2/`)
  await expectState(page, 'camera2', 'live')
  await expect(page.locator('[data-camera]')).toHaveCount(1)
})

test('?controls=false hides the controls and plays the video', async ({ page }) => {
  await page.goto(`${program.url}/camera1/?controls=false`)
  await expectState(page, 'camera1', 'live')
  await expect(page.locator('[data-camera="camera1"] button:visible')).toHaveCount(0)
})

test('pausing releases the viewer slot and playing uses one again, by keyboard alone', async ({ page }) => {
  await page.goto(`${program.url}/camera1/`)
  await expectState(page, 'camera1', 'live')
  const viewers = async (): Promise<number> => (await program.health()).cameras['camera1']!.viewers
  const before = await viewers()
  await page.locator('[data-camera="camera1"]').focus()
  await page.keyboard.press('p')
  await expectState(page, 'camera1', 'paused')
  await expect.poll(viewers).toBe(before - 1)
  await page.keyboard.press('p')
  await expectState(page, 'camera1', 'live')
  await expect.poll(async () => (await received(page, 'camera1')).framesDecoded).toBeGreaterThan(10)
})

test('every button can be reached by tab and has a name', async ({ page }) => {
  await page.goto(program.url)
  await expectState(page, 'camera1', 'live')
  const visible = await page.locator('button:visible, a:visible').count()
  const names = new Set<string>()
  for (let i = 0; i < visible + 4; i++) {
    await page.keyboard.press('Tab')
    const name = await page.evaluate(() => {
      const element = document.activeElement
      return element?.matches('button, a') === true
        ? (element.getAttribute('aria-label') ?? element.textContent).trim()
        : ''
    })
    if (name !== '') names.add(name)
  }
  expect(names.size).toBeGreaterThanOrEqual(6)
  expect([...names].some((name) => /pause/i.test(name))).toBe(true)
  expect([...names].some((name) => /full screen/i.test(name))).toBe(true)
})

test('the page requests nothing from other hosts and reports no error', async ({ page }) => {
  const elsewhere: string[] = []
  const errors: string[] = []
  page.on('request', (request) => {
    if (!request.url().startsWith(program.url)) elsewhere.push(request.url())
  })
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text())
  })
  page.on('pageerror', (error) => errors.push(error.message))
  await page.goto(program.url)
  for (const camera of ['camera1', 'camera2']) await expectState(page, camera, 'live')
  expect(elsewhere).toEqual([])
  expect(errors).toEqual([])
})
