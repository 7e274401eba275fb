import { expect, test, type Page } from '@playwright/test'
import { startProgram, type Program } from '../test/support/program.js'
import { choose, showControls } from './helpers/menu.js'
import { expectState, received } from './helpers/tile.js'

/** Two landscape cameras and one in portrait, small so that the cores are free for the page. */
const camera = (number: number, width: number, height: number): string =>
  `[camera${number}]\nname = "Camera ${number}"\ndevice = "test:smpte"\nwidth = ${width}\nheight = ${height}\nfps = 10\nwebrtc-port = $PORT${number}\n`

let program: Program
test.beforeAll(async () => {
  program = await startProgram({
    tables: `${camera(1, 320, 240)}${camera(2, 320, 180)}${camera(3, 180, 320)}[webrtc]\nudp-port = $UDP`,
  })
})
test.afterAll(async () => await program[Symbol.asyncDispose]())

const boxOf = async (page: Page, camera: number) =>
  (await page.locator(`[data-camera="camera${camera}"]`).boundingBox())!

async function open(page: Page, address = ''): Promise<void> {
  await page.goto(`${program.url}/${address}`)
  for (const key of ['camera1', 'camera2', 'camera3']) await expectState(page, key, 'live')
}

test('pictures of different shapes have one height and no bars', async ({ page }) => {
  await open(page)
  const boxes = await Promise.all([1, 2, 3].map(async (number) => await boxOf(page, number)))
  expect(new Set(boxes.map(({ height }) => height)).size).toBe(1)
  for (const [i, ratio] of [4 / 3, 16 / 9, 9 / 16].entries())
    expect(Math.abs(boxes[i]!.width / boxes[i]!.height - ratio)).toBeLessThan(0.02)
})

test('a click enlarges a camera, another shows all again, and the page remembers the layout', async ({
  page,
}) => {
  await open(page)
  const before = await boxOf(page, 2)
  await page.locator('[data-camera="camera2"]').click()
  const large = await boxOf(page, 2)
  expect(large.width).toBeGreaterThan(before.width * 1.2)
  for (const other of [1, 3]) expect((await boxOf(page, other)).height).toBeLessThan(large.height / 1.4)

  await page.reload()
  await expectState(page, 'camera2', 'live')
  expect(await boxOf(page, 2)).toEqual(large)
  await page.locator('[data-camera="camera2"]').click()
  expect(await boxOf(page, 2)).toEqual(before)
})

test('a double click fills the screen and leaves the layout as it was', async ({ page }) => {
  await open(page)
  const before = await boxOf(page, 1)
  await page.locator('[data-camera="camera1"]').dblclick()
  await expect
    .poll(async () => await page.evaluate(() => document.fullscreenElement?.getAttribute('data-camera')))
    .toBe('camera1')
  await page.keyboard.press('f')
  await expect.poll(async () => await page.evaluate(() => document.fullscreenElement)).toBeNull()
  await expect.poll(async () => await boxOf(page, 1)).toEqual(before)
})

test('the keys work without a click: 1 to 9 enlarge, arrows change the camera, 0 shows all', async ({
  page,
}) => {
  await open(page)
  const pressed = async (layout: string): Promise<string | null> =>
    await page.locator(`[data-layout="${layout}"]`).getAttribute('aria-pressed')
  await page.keyboard.press('3')
  expect(await pressed('large')).toBe('true')
  const large = await boxOf(page, 3)
  expect(large.height).toBeGreaterThan((await boxOf(page, 1)).height * 1.4)
  await page.keyboard.press('ArrowRight')
  expect((await boxOf(page, 1)).height).toBeGreaterThan((await boxOf(page, 3)).height * 1.4)
  await page.keyboard.press('0')
  expect(await pressed('grid')).toBe('true')

  await page.getByRole('button', { name: 'Page settings' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Keys without focus' }).click()
  await page.keyboard.press('Escape')
  await page.mouse.move(1, 1)
  await page.evaluate(() => (document.activeElement as HTMLElement).blur())
  await page.keyboard.press('3')
  expect(await pressed('grid')).toBe('true')
})

test('values in the storage that are not of this page are ignored', async ({ page }) => {
  await page.addInitScript(() =>
    localStorage.setItem(
      'rpi-webrtc:/',
      '{"layout":7,"large":"<b>","colours":[],"turned":{"camera1":5,"x":{}}}',
    ),
  )
  await open(page)
  await expect(page.locator('[data-layout="grid"]')).toHaveAttribute('aria-pressed', 'true')
})

test('rotation and mirroring are of this page and are remembered', async ({ page }) => {
  await open(page)
  await choose(page, 'camera1', 'Rotate')
  await page.keyboard.press('Escape')
  const turned = await boxOf(page, 1)
  expect(Math.abs(turned.width / turned.height - 3 / 4)).toBeLessThan(0.02)
  const video = (await page.locator('[data-camera="camera1"] video').boundingBox())!
  for (const side of ['x', 'y', 'width', 'height'] as const)
    expect(Math.abs(video[side] - turned[side])).toBeLessThan(1.5)
  await page.reload()
  await expectState(page, 'camera1', 'live')
  expect(await boxOf(page, 1)).toEqual(turned)
})

test('controls appear with the pointer, at most four, and disappear again', async ({ page }) => {
  await open(page)
  const controls = page.locator('[data-camera="camera1"] .controls')
  await page.mouse.move(2, 2)
  await expect(controls).toHaveCSS('opacity', '0')
  const tile = await showControls(page, 'camera1')
  await expect(controls).toHaveCSS('opacity', '1')
  expect(await tile.locator('.controls button:visible').count()).toBeLessThanOrEqual(4)
  await expect(controls).toHaveCSS('opacity', '0', { timeout: 8000 }) // the pointer rests
})

test('the menu works by keyboard alone', async ({ page }) => {
  await open(page)
  const more = page.getByRole('button', { name: 'More for Camera 1' })
  await more.focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('menuitem', { name: 'Enlarge' })).toBeFocused()
  await page.keyboard.press('ArrowDown')
  await expect(page.getByRole('menuitem', { name: 'Zoom in' })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(more).toBeFocused()
  await expect(more).toHaveAttribute('aria-expanded', 'false')
})

test('on a touch screen a tap shows the controls, and nothing else', async ({ browser }) => {
  const context = await browser.newContext({ hasTouch: true, viewport: { width: 390, height: 844 } })
  const page = await context.newPage()
  await open(page)
  const before = await boxOf(page, 1)
  // Where the pause button is: it must not be hit while it is not shown.
  await page.touchscreen.tap(before.x + 30, before.y + before.height - 30)
  await expect(page.locator('[data-camera="camera1"] .controls')).toHaveCSS('opacity', '1')
  await expectState(page, 'camera1', 'live')
  expect(await boxOf(page, 1)).toEqual(before)
  await page.touchscreen.tap(before.x + 30, before.y + before.height - 30)
  await expectState(page, 'camera1', 'paused')
  await context.close()
})

test('?view=kiosk fills the window and keeps the names; ?every changes the camera', async ({ page }) => {
  await page.goto(`${program.url}/?view=kiosk&every=2`)
  await expectState(page, 'camera1', 'live')
  await expect(page.locator('.layouts')).toBeHidden()
  expect((await boxOf(page, 1)).height).toBe(800)
  await expect(page.locator('[data-camera="camera1"] .name')).toBeVisible()
  await expect(page.locator('[data-camera="camera2"]')).toBeVisible({ timeout: 10_000 })
  await expect(page.locator('[data-camera="camera1"]')).toBeHidden()
  await expect.poll(async () => (await received(page, 'camera2')).framesDecoded).toBeGreaterThan(0)
})

/** Keys of the cameras, in the order of the document. */
const orderOf = async (page: Page): Promise<(string | null)[]> =>
  await page
    .locator('camera-tile')
    .evaluateAll((tiles) => tiles.map((tile) => tile.getAttribute('data-camera')))

/** Frames that the video element has presented: a paused one presents none. */
const presented = async (page: Page, key: string): Promise<number> =>
  await page
    .locator(`[data-camera="${key}"] video`)
    .evaluate((video: HTMLVideoElement) => video.getVideoPlaybackQuality().totalVideoFrames)

for (const browser of ['of today', 'without moveBefore'])
  test(`a drag changes the order, which is kept, and the pictures go on, in a browser ${browser}`, async ({
    page,
  }) => {
    if (browser !== 'of today')
      await page.addInitScript(() => Reflect.deleteProperty(Element.prototype, 'moveBefore'))
    await open(page)
    const [from, onto] = [await boxOf(page, 3), await boxOf(page, 1)]
    await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2)
    await page.mouse.down()
    await page.mouse.move(onto.x + onto.width / 3, onto.y + onto.height / 3, { steps: 5 })
    await expect(page.locator('[data-camera="camera1"]')).toHaveAttribute('data-drop', '')
    await page.mouse.up()
    expect(await orderOf(page)).toEqual(['camera3', 'camera1', 'camera2'])
    expect((await boxOf(page, 3)).x).toBeLessThan((await boxOf(page, 1)).x)
    await expect(page.locator('[data-layout="grid"]')).toHaveAttribute('aria-pressed', 'true')
    for (const key of ['camera1', 'camera3']) {
      const before = await presented(page, key)
      await expect.poll(async () => await presented(page, key)).toBeGreaterThan(before + 5)
    }
    await page.reload()
    for (const key of ['camera1', 'camera2', 'camera3']) await expectState(page, key, 'live')
    expect(await orderOf(page)).toEqual(['camera3', 'camera1', 'camera2'])
  })

test('Escape ends a drag; Shift and an arrow, and the menu, move a camera', async ({ page }) => {
  await open(page)
  const [from, onto] = [await boxOf(page, 1), await boxOf(page, 2)]
  await page.mouse.move(from.x + 20, from.y + 60)
  await page.mouse.down()
  await page.mouse.move(onto.x + 40, onto.y + 60, { steps: 5 })
  await page.keyboard.press('Escape')
  await page.mouse.up()
  expect(await orderOf(page)).toEqual(['camera1', 'camera2', 'camera3'])

  await page.locator('[data-camera="camera1"]').focus()
  await page.keyboard.press('Shift+ArrowRight')
  expect(await orderOf(page)).toEqual(['camera2', 'camera1', 'camera3'])
  await expect(page.locator('[data-camera="camera1"]')).toBeFocused()
  await choose(page, 'camera3', 'Move forward in the order')
  expect(await orderOf(page)).toEqual(['camera2', 'camera3', 'camera1'])
})
