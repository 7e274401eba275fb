import { expect, test, type Page } from '@playwright/test'
import { startProgram, type Program } from '../test/support/program.js'
import { violations } from './helpers/axe.js'
import { showControls } from './helpers/menu.js'
import { expectState } from './helpers/tile.js'

const LONG = 'Voron 2.4, 350 mm, left side'
let program: Program
test.beforeAll(async () => {
  const small = 'device = "test:smpte"\nwidth = 320\nheight = 240\nfps = 5\n'
  program = await startProgram({
    tables: `[camera1]\nname = "${LONG}"\n${small}webrtc-port = $PORT1\n[camera2]\nname = "طابعة"\n${small}webrtc-port = $PORT2\n[camera3]\ndevice = "/dev/video99"\nwebrtc-port = $PORT3\n[webrtc]\nudp-port = $UDP`,
  })
})
test.afterAll(async () => await program[Symbol.asyncDispose]())

async function open(page: Page, address = ''): Promise<void> {
  await page.goto(`${program.url}/${address}`)
  await expectState(page, 'camera1', 'live')
  if (!address.startsWith('camera')) await expectState(page, 'camera3', 'lost')
}

test('axe finds nothing in the grid, the large layout, the menus, the statistics and light colours', async ({
  page,
}) => {
  await open(page)
  expect(await violations(page)).toEqual([])
  await page.keyboard.press('1')
  const tile = await showControls(page, 'camera1')
  await tile.getByRole('button', { name: /^More for/ }).click()
  expect(await violations(page)).toEqual([])
  await page.keyboard.press('Escape')
  await page.keyboard.press('s')
  await expect(tile.locator('.stats')).toBeVisible()
  expect(await violations(page)).toEqual([])
  await page.getByRole('button', { name: 'Page settings' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Light colours' }).click()
  expect(await violations(page)).toEqual([])
  await page.screenshot({ path: 'test-results/page-light.png' })
})

test('axe finds nothing in the kiosk view and on the page of a camera', async ({ page }) => {
  for (const address of ['?view=kiosk', 'camera1/']) {
    await open(page, address)
    expect(await violations(page)).toEqual([])
  }
})

test('with text of 200 % names are complete', async ({ page }) => {
  await page.setViewportSize({ width: 820, height: 900 })
  await open(page)
  await page.evaluate(() => (document.documentElement.style.fontSize = '200%'))
  const name = page.locator('[data-camera="camera1"] .name')
  await expect(name).toHaveText(LONG)
  const cut = await name.evaluate(
    (it) => it.scrollHeight > it.clientHeight + 2 || it.scrollWidth > it.clientWidth,
  )
  await page.screenshot({ path: 'test-results/page-200.png' })
  expect(cut).toBe(false)
})

test('from right to left the tiles are mirrored, and names keep their direction', async ({ page }) => {
  await open(page, '?lang=ar')
  const [first, second] = await Promise.all(
    [1, 2].map(
      async (number) => (await page.locator(`[data-camera="camera${number}"] .name`).boundingBox())!,
    ),
  )
  const tile = (await page.locator('[data-camera="camera1"]').boundingBox())!
  expect(first!.x).toBeGreaterThan(tile.x + tile.width - first!.width - 60)
  expect(second!.width).toBeGreaterThan(0)
  await expect(page.locator('[data-camera="camera1"] .name')).toHaveAttribute('dir', 'auto')
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(1280)
  await page.screenshot({ path: 'test-results/page-rtl.png' })
})

test('forced colours give names and buttons a ground and a border', async ({ page }) => {
  await page.emulateMedia({ forcedColors: 'active' })
  await open(page)
  const tile = await showControls(page, 'camera1')
  for (const part of ['.nameplate', '.more'])
    await expect(tile.locator(part)).toHaveCSS('border-top-style', 'solid')
  await expect(tile.locator('.badge')).toBeVisible()
  await page.screenshot({ path: 'test-results/page-forced.png' })
})
