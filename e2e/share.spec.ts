import { expect, test } from '@playwright/test'
import { startProgram, type Program } from '../test/support/program.js'
import { twoTestCameras } from './helpers/cameras.js'
import { choose } from './helpers/menu.js'
import { expectState } from './helpers/tile.js'

let program: Program
test.beforeAll(async () => {
  program = await startProgram({ tables: twoTestCameras('vp8') })
})
test.afterAll(async () => await program[Symbol.asyncDispose]())

test('L opens the addresses of a camera, Escape closes them and restores the focus', async ({ page }) => {
  await page.goto(program.url)
  await expectState(page, 'camera2', 'live')
  await page.locator('[data-camera="camera2"]').focus()
  await page.keyboard.press('l')
  const panel = page.getByRole('dialog', { name: 'Addresses of Camera 2' })
  await expect(panel).toBeVisible()
  await expect(panel.getByLabel('WHEP', { exact: true })).toHaveValue(`${program.url}/camera2/whep`)
  await expect(panel.getByRole('heading', { level: 3 })).toHaveText([
    'This camera',
    'Mainsail and Fluidd',
    'Home Assistant',
    'OctoPrint',
    'go2rtc, Frigate',
    'OBS',
    'VLC',
    'GStreamer',
  ])
  await page.keyboard.press('Escape')
  await expect(panel).toHaveCount(0)
  await expect(page.locator('[data-camera="camera2"]')).toBeFocused()
})

test('an address is copied with the clipboard permission', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.goto(`${program.url}/camera1/`)
  await expectState(page, 'camera1', 'live')
  await choose(page, 'camera1', 'Addresses')
  await page.getByRole('button', { name: 'Copy This camera, WHEP' }).click()
  await expect(page.getByRole('status').filter({ hasText: 'WHEP copied' })).toBeAttached()
  expect(await page.evaluate(async () => await navigator.clipboard.readText())).toBe(
    `${program.url}/camera1/whep`,
  )
})

test('without clipboard access the address is selected, and the page reports it', async ({ page }) => {
  await page.addInitScript(`
    Object.defineProperty(navigator, 'clipboard', { value: undefined })
    Document.prototype.execCommand = () => false`)
  await page.goto(`${program.url}/camera1/`)
  await expectState(page, 'camera1', 'live')
  await choose(page, 'camera1', 'Addresses')
  await page.getByRole('button', { name: 'Copy This camera, WHEP' }).click()
  await expect(page.getByRole('status').filter({ hasText: 'WHEP is selected' })).toBeAttached()
  expect(
    await page.evaluate(() => {
      const { selectionStart, selectionEnd, value } = document.activeElement as HTMLInputElement
      return value.slice(selectionStart ?? 0, selectionEnd ?? 0)
    }),
  ).toBe(`${program.url}/camera1/whep`)
})

test('on a phone the panel fits and scrolls, but the page behind it does not', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(program.url)
  await expectState(page, 'camera1', 'live')
  await page.locator('[data-camera="camera1"]').focus()
  await page.keyboard.press('l')
  const panel = page.getByRole('dialog')
  await expect(panel).toBeVisible()
  const box = (await panel.boundingBox())!
  expect(box.x).toBeGreaterThanOrEqual(0)
  expect(box.x + box.width).toBeLessThanOrEqual(390)
  const copy = panel.getByRole('button', { name: 'Copy GStreamer, Command' })
  await copy.scrollIntoViewIfNeeded()
  await expect(copy).toBeInViewport()
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
})
