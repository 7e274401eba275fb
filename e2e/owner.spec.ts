import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test, type Locator, type Page } from '@playwright/test'
import { FakeControlsApi, usbControls } from '../test/fakes/controls-api.js'
import { withStandIns } from '../test/fakes/examples.js'
import { startProgram, type Program } from '../test/support/program.js'
import { serveControls } from './helpers/controls-api.js'
import { violations } from './helpers/axe.js'
import { signIn } from './helpers/sign-in.js'
import { expectState, received } from './helpers/tile.js'

const MODULE = '/base/soc/i2c0mux/i2c@1/imx708@1a'
const camera = (number: number): string =>
  `[camera${number}] # kept\ndevice = "test:smpte"\nwebrtc-port = $PORT${number}\nwidth = 320\nheight = 240\nfps = 10\n`
const tables = `${camera(1)}${camera(2)}[webrtc]\nudp-port = $UDP`
const phone = { width: 390, height: 844 }

let program: Program
let folder: string
test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'owner-'))
  await writeFile(join(folder, 'cam'), `#!/bin/sh\necho "1: 'imx708' (${MODULE})"\n`)
  await chmod(join(folder, 'cam'), 0o755)
  const path = `${folder}:${process.env['PATH'] ?? ''}`
  const env = withStandIns({ STANDIN_CAMERAS: MODULE, PATH: path }, join(folder, 'registry.bin'))
  program = await startProgram({ tables, env })
})
test.afterAll(async () => {
  await program[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const cardOf = (page: Page, key: string): Locator => page.locator(`#${key}`)

async function openCamera(page: Page, key: string): Promise<Locator> {
  await page.goto(`${program.url}/owner#${key}`)
  const card = cardOf(page, key)
  await expect(card).toHaveAttribute('open', '')
  await expect(card.getByLabel('Name', { exact: true })).toBeVisible()
  return card
}

test('another size and name: the lines are shown, the decoded frames have the size, and undo brings both back', async ({
  page,
  context,
}) => {
  const before = await readFile(program.configPath, 'utf8')
  const watching = await context.newPage()
  await watching.goto(`${program.url}/`)
  await expectState(watching, 'camera1', 'live')

  await page.bringToFront()
  const card = await openCamera(page, 'camera1')
  await expect(card.locator('.owner-picture')).toHaveJSProperty('naturalWidth', 320)
  await card.getByLabel('Usual sizes').selectOption('640x480')
  await card.getByLabel('Name', { exact: true }).fill('Bird "box"')
  await expect(card.locator('.owner-diff li')).toHaveText([
    /removed: width = 320/,
    /removed: height = 240/,
    /added: width = 640/,
    /added: height = 480/,
    /added: name = "Bird \\"box\\""/,
  ])
  await expect(card.getByText('Viewers stay connected.', { exact: false })).toBeVisible()
  expect(await violations(page)).toEqual([])
  await page.screenshot({ path: 'test-results/owner-laptop.png' })
  expect(await readFile(program.configPath, 'utf8')).toBe(before)

  await card.getByRole('button', { name: 'Save' }).click()
  await expect(page.locator('#status')).toContainText('The change is in force')
  await expect(card.locator('.owner-name')).toHaveText('Bird "box"')
  await expect(card.locator('summary').first()).toBeFocused()
  expect(await readFile(program.configPath, 'utf8')).toContain('[camera1] # kept\n')
  await watching.bringToFront()
  await expect.poll(async () => (await received(watching, 'camera1')).frameWidth).toBe(640)
  const { framesDecoded } = await received(watching, 'camera1')
  await expect
    .poll(async () => (await received(watching, 'camera1')).framesDecoded)
    .toBeGreaterThan(framesDecoded + 10)
  await expect(watching.locator('[data-camera="camera1"] .name')).toHaveText('Bird "box"')

  await page.bringToFront()
  await page.getByText('Undo the last change').click()
  await page.getByRole('button', { name: 'Undo', exact: true }).click()
  await expect(page.locator('#status')).toContainText('Undone')
  expect(await readFile(program.configPath, 'utf8')).toBe(before)
  await watching.bringToFront()
  await expect.poll(async () => (await received(watching, 'camera1')).frameWidth).toBe(320)
})

test('a value that cannot be is explained, and nothing can be saved', async ({ page }) => {
  const card = await openCamera(page, 'camera1')
  await card.getByLabel('Width').fill('33')
  await expect(card.getByRole('alert').first()).toHaveText(
    'camera1.width: 33 is odd, and encoders accept even numbers only: write 32',
  )
  await expect(card.getByRole('button', { name: 'Save' })).toHaveAttribute('aria-disabled', 'true')
  await card.getByRole('button', { name: 'Discard' }).click()
  await expect(card.getByLabel('Width')).toHaveValue('320')
  await expect(card.getByRole('button', { name: 'Save' })).toBeHidden()
})

test('by keyboard alone: to a camera, its frame rate, save, undo', async ({ page }) => {
  await page.goto(`${program.url}/owner`)
  await expect(cardOf(page, 'camera2')).toBeVisible()
  const focused = async (): Promise<string> =>
    await page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent || '')
  const tabTo = async (wanted: RegExp): Promise<void> => {
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab')
      if (wanted.test(await focused())) return
    }
    throw new Error(`no ${String(wanted)} by Tab, last ${await focused()}`)
  }
  await tabTo(/Camera 2/)
  await page.keyboard.press('Enter')
  await tabTo(/camera2-fps/)
  await page.keyboard.press('Control+A')
  await page.keyboard.type('15')
  await expect(cardOf(page, 'camera2').locator('.owner-diff li')).toHaveCount(2)
  await tabTo(/^Save$/)
  await page.keyboard.press('Enter')
  await expect(page.locator('#status')).toContainText('The change is in force')
  expect(await readFile(program.configPath, 'utf8')).toContain('fps = 15')
  await tabTo(/Undo the last change/)
  await page.keyboard.press('Enter')
  await tabTo(/^Undo$/)
  await page.keyboard.press('Enter')
  await expect(page.locator('#status')).toContainText('Undone')
})

test.describe('the sizes and rates of the camera itself', () => {
  const fakes = fileURLToPath(new URL('../test/fakes/v4l2', import.meta.url))
  let usb: Program
  test.beforeAll(async () => {
    usb = await startProgram({
      tables: `${camera(1).replace('test:smpte', '/dev/video9')}[webrtc]\nudp-port = $UDP`,
      env: { FAKE_V4L2: folder, PATH: `${fakes}:${process.env['PATH'] ?? ''}` },
    })
  })
  test.afterAll(async () => await usb[Symbol.asyncDispose]())

  const optionsOf = async (select: Locator): Promise<string[]> =>
    await select.locator('option').evaluateAll((all) => all.map((one) => (one as HTMLOptionElement).text))

  test('by keyboard alone: one of them is chosen, and the decoded frames have it', async ({
    page,
    context,
  }) => {
    const watching = await context.newPage()
    await watching.goto(`${usb.url}/`)
    await expectState(watching, 'camera1', 'live')
    await page.bringToFront()
    await page.goto(`${usb.url}/owner#camera1`)
    const card = cardOf(page, 'camera1')
    const sizes = card.getByLabel('Sizes of this camera')
    await expect(sizes).toHaveValue('320x240')
    expect(await optionsOf(sizes)).toEqual(['320 × 240', '640 × 480', 'Other'])
    const rates = card.getByLabel('Frame rates at this size')
    expect(await optionsOf(rates)).toEqual(['30 fps', '15 fps', 'Other'])
    await expect(rates).toHaveValue('') // 10 is not among them

    await sizes.focus()
    await page.keyboard.press('ArrowDown')
    await expect(card.getByLabel('Width')).toHaveValue('640')
    expect(await optionsOf(rates)).toEqual(['25 fps', '10 fps', 'Other'])
    await expect(rates).toHaveValue('10')
    await page.keyboard.press('Tab') // width
    await page.keyboard.press('Tab') // height
    await page.keyboard.press('Tab')
    await expect(rates).toBeFocused()
    await page.keyboard.press('ArrowUp')
    await expect(card.getByLabel('Frames per second')).toHaveValue('25')
    await expect(card.locator('.owner-diff li')).toHaveText([
      /removed: width = 320/,
      /removed: height = 240/,
      /removed: fps = 10/,
      /added: width = 640/,
      /added: height = 480/,
      /added: fps = 25/,
    ])
    expect(await violations(page)).toEqual([])
    await card.getByRole('button', { name: 'Save' }).press('Enter')
    await expect(page.locator('#status')).toContainText('The change is in force')
    await watching.bringToFront()
    await expect.poll(async () => (await received(watching, 'camera1')).frameWidth).toBe(640)
    const { framesDecoded } = await received(watching, 'camera1')
    await expect
      .poll(async () => (await received(watching, 'camera1')).framesDecoded)
      .toBeGreaterThan(framesDecoded + 20)
  })

  test('on a phone: they are seen whole, and another size and rate can be typed', async ({ page }) => {
    await page.setViewportSize(phone)
    await page.goto(`${usb.url}/owner#camera1`)
    const card = cardOf(page, 'camera1')
    const sizes = card.getByLabel('Sizes of this camera')
    await expect(sizes).toBeVisible()
    await card.getByLabel('Width').fill('400')
    await expect(sizes).toHaveValue('')
    await expect(card.getByLabel('Frame rates at this size')).toBeHidden()
    await expect(card.locator('.owner-diff')).toContainText('width = 400')
    await sizes.selectOption('640x480')
    await card.getByLabel('Frames per second').fill('12.5')
    await expect(card.getByLabel('Frame rates at this size')).toHaveValue('')
    await expect(card.locator('.owner-diff')).toContainText('fps = 12.5')
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(phone.width)
    expect(await violations(page)).toEqual([])
    await page.screenshot({ path: 'test-results/owner-sizes-phone.png', fullPage: true })
  })

  test('without an answer the form has the usual sizes', async ({ page }) => {
    const card = await openCamera(page, 'camera1')
    await expect(card.getByLabel('Usual sizes')).toBeVisible()
    await expect(card.getByLabel('Frame rates at this size')).toBeHidden()
  })
})

test('a camera of this machine is added by its button, plays, and is undone', async ({ page, context }) => {
  await page.goto(`${program.url}/owner`)
  await page.getByRole('button', { name: 'Search for cameras' }).click()
  await page.getByRole('button', { name: 'Use this one: imx708' }).click()
  const devices = page.locator('.owner-devices')
  await expect(devices.locator('li').first()).toContainText('1536x864 at 120.13, 2304x1296 at 56.03')
  await expect(devices.locator('.owner-diff')).toContainText(`device = "${MODULE}"`)
  await expect(devices.getByText('The camera starts at once.')).toBeVisible()
  expect(await violations(page)).toEqual([])
  await devices.getByRole('button', { name: 'Save' }).click()
  await expect(cardOf(page, 'camera3')).toHaveAttribute('data-state', 'live', { timeout: 30_000 })
  await expect(devices.getByText('In use as camera3')).toBeVisible()
  await page.screenshot({ path: 'test-results/owner-added.png', fullPage: true })

  const watching = await context.newPage()
  await watching.goto(`${program.url}/camera3/`)
  await expectState(watching, 'camera3', 'live', 30_000)
  await watching.close()
  await page.bringToFront()
  await page.getByText('Undo the last change').click()
  await page.getByRole('button', { name: 'Undo', exact: true }).click()
  await expect(cardOf(page, 'camera3')).toHaveCount(0)
})

test('a viewer is ended: its page says so, and its session is gone', async ({ page, context }) => {
  const watching = await context.newPage()
  await watching.goto(`${program.url}/camera1/`)
  await expectState(watching, 'camera1', 'live')
  await page.bringToFront()
  await page.goto(`${program.url}/owner#viewers`)
  const end = page.getByRole('button', { name: /^End the session of 127\.0\.0\.1, camera1/ })
  await expect(end).toHaveCount(1)
  expect(await violations(page)).toEqual([])
  await page.screenshot({ path: 'test-results/owner-viewers.png' })
  await end.click()
  await expect(page.getByText('Nobody is watching.')).toBeVisible()
  await watching.bringToFront()
  await expectState(watching, 'camera1', 'unsupported')
  await expect(watching.locator('[data-camera="camera1"] .status')).toContainText('An administrator ended')
})

test('health, the checks of doctor and the log', async ({ page }) => {
  await page.goto(`${program.url}/owner#health`)
  await expect(page.locator('#health-section li[data-state="live"]')).toHaveCount(2)
  await page.getByRole('button', { name: 'Check this machine' }).click()
  await expect(page.getByText(/\d+ checks are fine/)).toBeVisible({ timeout: 30_000 })
  await page.getByText(/\d+ checks are fine/).click()
  await expect(page.locator('[data-status="ok"]').first()).toBeVisible()
  await expect(page.getByText('not started by systemd')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Restart the program' })).toBeHidden()
  expect(await violations(page)).toEqual([])
  await page.screenshot({ path: 'test-results/owner-health.png' })

  await page.getByRole('link', { name: 'Log' }).click()
  await expect(page.getByRole('heading', { name: 'Log' })).toBeFocused()
  await expect(page.locator('.owner-log')).toContainText('watch at http://')
  const count = await page.locator('.owner-log li').count()
  await fetch(`${program.url}/api/cameras/camera1/restart`, { method: 'POST' })
  await expect.poll(async () => await page.locator('.owner-log li').count()).toBeGreaterThan(count)
  expect(await violations(page)).toEqual([])
  await page.screenshot({ path: 'test-results/owner-log.png' })
})

test('a camera is restarted, and a camera without controls says so', async ({ page }) => {
  const card = await openCamera(page, 'camera1')
  await card.getByText('Focus, light and colours').click()
  await expect(card.getByText('A test picture has no controls.')).toBeVisible()
  await card.getByRole('button', { name: 'Restart this camera' }).click()
  await expect(page.locator('#status')).toContainText('Camera 1 restarts')
})

test('the controls of a camera are those of its panel, and are saved', async ({ page }) => {
  const api = new FakeControlsApi(usbControls())
  await serveControls(page, 'camera1', api)
  const card = await openCamera(page, 'camera1')
  await card.getByText('Focus, light and colours').click()
  const brightness = card.getByRole('slider', { name: 'Brightness' })
  await expect(brightness).toHaveValue('128')
  await brightness.press('ArrowRight')
  await expect.poll(() => api.control('brightness').value).toBe(129)
  expect(await violations(page)).toEqual([])
  await page.screenshot({ path: 'test-results/owner-controls.png', fullPage: true })
  await card.locator('.settings-inline').getByRole('button', { name: 'Save' }).click()
  await expect(card.locator('.settings-inline').getByRole('status')).toContainText('Saved in /etc/rpi-webrtc')
})

test('a file that may not be written is announced with what to do, and Save repeats it', async ({ page }) => {
  const readOnly =
    'for last; do :; done; folder=$(dirname "$last"); mount --bind "$folder" "$folder" && mount -o remount,ro,bind "$folder" && exec "$@"'
  test.skip(spawnSync('unshare', ['--mount', 'true']).status !== 0, 'needs to mount')
  await using closed = await startProgram({
    tables: `${camera(1)}[webrtc]\nudp-port = $UDP`,
    through: ['unshare', '--mount', 'sh', '-c', readOnly, 'sh'],
  })
  await page.goto(`${closed.url}/owner`)
  await expect(page.locator('.owner-notice')).toContainText('may not write')
  const card = cardOf(page, 'camera1')
  await card.getByLabel('Name', { exact: true }).fill('Door')
  await expect(card.locator('.owner-diff')).toContainText('name = "Door"')
  await card.getByRole('button', { name: 'Save' }).click()
  await expect(card.getByRole('alert').first()).toContainText('docs/operations.md (saving controls)')
  await expect(card.getByLabel('Name', { exact: true })).toHaveValue('Door')
  expect(await violations(page)).toEqual([])
  await page.screenshot({ path: 'test-results/owner-read-only.png' })
})

for (const [name, prepare] of [
  ['phone', async (page: Page) => await page.setViewportSize(phone)],
  [
    'light',
    async (page: Page) =>
      await page.addInitScript(() =>
        localStorage.setItem('rpi-webrtc:/', JSON.stringify({ colours: 'light' })),
      ),
  ],
  ['forced', async (page: Page) => await page.emulateMedia({ forcedColors: 'active' })],
  ['rtl', async (page: Page) => await page.addInitScript(() => (document.documentElement.dir = 'rtl'))],
] as const)
  test(`${name}: axe finds nothing, and nothing is wider than the window`, async ({ page }) => {
    await prepare(page)
    const card = await openCamera(page, 'camera1')
    await card
      .getByLabel('Text in the picture')
      .fill('%H:%M:%S, a text that is longer than the window is wide')
    await expect(card.locator('.owner-diff li')).not.toHaveCount(0)
    expect(await violations(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      page.viewportSize()!.width,
    )
    await page.screenshot({ path: `test-results/owner-${name}.png` })
  })

test('with text of 200 % nothing is cut off', async ({ page }) => {
  await openCamera(page, 'camera1')
  await page.evaluate(() => (document.documentElement.style.fontSize = '200%'))
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(1280)
  await page.screenshot({ path: 'test-results/owner-200.png' })
})

test('administrators get a link, viewers with the token get neither link nor page', async ({ browser }) => {
  const login = { username: 'anna', password: 'correct horse' }
  const token = '0123456789abcdef'
  const credentials = `username = "${login.username}"\npassword = "${login.password}"\ntoken = "${token}"\n`
  await using closed = await startProgram({
    tables: `${credentials}${camera(1)}[webrtc]\nudp-port = $UDP`,
  })
  const viewer = await browser.newContext()
  const watching = await viewer.newPage()
  await watching.goto(`${closed.url}/?token=${token}`)
  await expectState(watching, 'camera1', 'live')
  await watching.getByRole('button', { name: 'Page settings' }).click()
  await expect(watching.getByRole('menuitem', { name: 'Settings of this server' })).toHaveCount(0)
  expect((await watching.goto(`${closed.url}/owner`))?.status()).toBe(403)

  const administrator = await browser.newContext()
  const page = await administrator.newPage()
  const requested: string[] = []
  page.on('request', (request) => requested.push(new URL(request.url()).pathname))
  await page.goto(`${closed.url}/`)
  await signIn(page, login)
  await expectState(page, 'camera1', 'live')
  await page.waitForLoadState('networkidle')
  expect(requested.filter((path) => /owner|settings|doctor|devices/.test(path))).toEqual([])
  await page.getByRole('button', { name: 'Page settings' }).click()
  await page.getByRole('menuitem', { name: 'Settings of this server' }).click()
  await expect(page).toHaveURL(`${closed.url}/owner`)
  await expect(cardOf(page, 'camera1')).toBeVisible()
  await viewer.close()
  await administrator.close()
})
