import { expect, test, type Locator, type Page } from '@playwright/test'
import { FakeControlsApi, moduleControls, usbControls } from '../test/fakes/controls-api.js'
import { startProgram, type Program } from '../test/support/program.js'
import { serveControls } from './helpers/controls-api.js'
import { choose } from './helpers/menu.js'
import { signIn } from './helpers/sign-in.js'
import { expectState, received } from './helpers/tile.js'

const phone = { width: 390, height: 844 }
const login = { username: 'anna', password: 'correct horse' }
const token = '0123456789abcdef'

/** Small, so that the cores are free for the page. */
const camera = (number: number): string =>
  `[camera${number}]\ndevice = "test:smpte"\nwebrtc-port = $PORT${number}\nwidth = 320\nheight = 240\nfps = 10\n`

let program: Program
test.beforeAll(async () => {
  program = await startProgram({ tables: `${camera(1)}${camera(2)}[webrtc]\nudp-port = $UDP` })
})
test.afterAll(async () => await program[Symbol.asyncDispose]())

const itemOf = (page: Page): Locator => page.locator('[data-camera="camera1"] .menu .settings')

/** Opens the settings of the first camera on the page of all cameras. */
async function openSettings(page: Page, api: FakeControlsApi): Promise<Locator> {
  await serveControls(page, 'camera1', api)
  await page.goto(program.url)
  await expectState(page, 'camera1', 'live')
  await choose(page, 'camera1', 'Camera settings')
  const panel = page.getByRole('dialog', { name: 'Settings of Camera 1' })
  await expect(panel).toBeVisible()
  return panel
}

const boxOf = async (locator: Locator) => (await locator.boundingBox())!

/** Drags the thumb of a slider to a fraction of its width, in steps of a hand. */
async function drag(page: Page, slider: Locator, fraction: number): Promise<void> {
  await slider.scrollIntoViewIfNeeded()
  const { x, y, width, height } = await boxOf(slider)
  await page.mouse.move(x + width / 2, y + height / 2)
  await page.mouse.down()
  for (let i = 1; i <= 20; i++)
    await page.mouse.move(x + width / 2 + ((fraction - 0.5) * width * i) / 20, y + height / 2)
  await page.mouse.up()
}

for (const [kind, viewport] of [
  ['desktop', { width: 1280, height: 800 }],
  ['phone', phone],
] as const)
  test(`on a ${kind} a slider changes the camera, is reset and saved, and the picture stays in view`, async ({
    page,
  }) => {
    await page.setViewportSize(viewport)
    const api = new FakeControlsApi(usbControls())
    const panel = await openSettings(page, api)
    const brightness = panel.getByRole('slider', { name: 'Brightness' })
    await expect(brightness).toHaveValue('128')

    await drag(page, brightness, 0.9)
    const moved = Number(await brightness.inputValue())
    expect(moved).toBeGreaterThan(200)
    await expect.poll(() => api.control('brightness').value).toBe(moved)
    expect(api.mostAtOnce).toBe(1)
    await expect(panel.getByRole('spinbutton', { name: 'Brightness' })).toHaveValue(String(moved))
    await expect(panel.getByText('Not saved')).toBeVisible()
    await page.screenshot({ path: `test-results/settings-${kind}.png` })

    const [video, sheet] = [await boxOf(page.locator('[data-camera="camera1"] video')), await boxOf(panel)]
    expect(video.width * video.height).toBeGreaterThan(viewport.width * viewport.height * 0.3)
    if (kind === 'phone') expect(video.y + video.height).toBeLessThanOrEqual(sheet.y)
    else expect(video.x + video.width).toBeLessThanOrEqual(sheet.x)
    const { framesDecoded } = await received(page, 'camera1')
    await expect
      .poll(async () => (await received(page, 'camera1')).framesDecoded)
      .toBeGreaterThan(framesDecoded + 10)

    await panel.getByRole('button', { name: 'Save' }).click()
    await expect(panel.getByRole('status')).toHaveText(
      'Saved in /etc/rpi-webrtc/config.toml: Brightness. The previous file is /etc/rpi-webrtc/config.toml.bak.',
    )
    await expect(panel.getByText('Not saved')).toHaveCount(0)

    await panel.getByRole('button', { name: 'Brightness: back to default' }).click()
    await expect(brightness).toHaveValue('128')
    expect(api.changes.at(-1)).toEqual({ brightness: null })
    await expect(panel.getByText('Not saved')).toBeVisible()

    await page.keyboard.press('Escape')
    await expect(panel).toHaveCount(0)
    await expectState(page, 'camera2', 'live')
  })

test('a rejected value returns to the value in force, and its sentence is shown', async ({ page }) => {
  const api = new FakeControlsApi(moduleControls())
  const panel = await openSettings(page, api)
  const exposure = panel.getByRole('spinbutton', { name: 'Exposure time' })
  await exposure.fill('5')
  await exposure.press('Enter')
  await expect(panel.getByRole('alert')).toHaveText('exposure-time-us: 5 is too small: from 100 to 200000')
  await expect(exposure).toHaveValue('')
  await page.screenshot({ path: 'test-results/settings-error.png' })

  await exposure.fill('20000')
  await exposure.press('Enter')
  await expect(panel.getByText('1/50 s')).toBeVisible()
  await expect(panel.getByRole('alert')).toHaveText('')
  expect(api.control('exposure-time-us').value).toBe(20_000)
})

test('a camera that did not come back shows the previous values and the reason', async ({ page }) => {
  const api = new FakeControlsApi(moduleControls())
  const panel = await openSettings(page, api)
  const message = 'The camera did not start with these values. The previous values are in force again.'
  const brightness = panel.getByRole('slider', { name: 'Brightness' })
  await expect(brightness).toHaveValue('0.1')
  api.instead.push({ status: 409, json: { error: 'control-rejected', message } })
  await brightness.press('ArrowRight')
  await expect(panel.getByRole('alert')).toHaveText(message)
  await expect(brightness).toHaveValue('0.1')
  expect(api.changes).toEqual([{ brightness: 0.11 }])
})

test('choices, numbers and rectangles are changed by keyboard, and dependent controls follow', async ({
  page,
}) => {
  const api = new FakeControlsApi(moduleControls())
  const panel = await openSettings(page, api)
  await expect(panel).toBeFocused()
  const lens = panel.getByRole('slider', { name: 'Lens position' })
  await expect(lens).toBeDisabled()
  await expect(lens).toHaveAccessibleDescription('The autofocus moves the lens.')

  await panel.getByRole('button', { name: 'Hold focus here' }).press('Enter')
  await expect(lens).toBeEnabled()
  await expect(panel.getByRole('combobox', { name: 'Focus mode' })).toHaveValue('1')
  await lens.focus()
  await page.keyboard.press('ArrowRight')
  await expect.poll(() => api.control('lens-position').value).toBe(0.1)

  await panel.getByRole('combobox', { name: 'White balance' }).selectOption('Daylight')
  await expect.poll(() => api.control('awb').value).toBe('daylight')
  const width = panel.getByRole('group', { name: 'Zoom' }).getByLabel('Width')
  await width.fill('0.5')
  await width.press('Enter')
  await expect.poll(() => api.control('zoom').value).toEqual([0, 0, 0.5, 1])
  await panel.getByLabel('Red').fill('1.5')
  await panel.getByLabel('Red').press('Enter')
  await panel.getByLabel('Blue').fill('2')
  await panel.getByLabel('Blue').press('Enter')
  await expect.poll(() => api.control('colour-gains').value).toEqual([1.5, 2])
  expect(api.changes.filter((body) => 'colour-gains' in (body as object))).toHaveLength(1)
})

test('the camera can be switched by a switch, and its focus held', async ({ page }) => {
  const api = new FakeControlsApi(usbControls())
  const panel = await openSettings(page, api)
  const focus = panel.getByRole('switch', { name: 'Focus automatic continuous' })
  await expect(focus).toBeChecked()
  await panel.getByRole('button', { name: 'Hold focus here' }).click()
  await expect(focus).not.toBeChecked()
  await expect(panel.getByRole('slider', { name: 'Focus absolute' })).toBeEnabled()
  await focus.press('Space')
  await expect.poll(() => api.control('focus_automatic_continuous').value).toBe(true)
})

test('a slow answer is announced, and the last value wins without a second request', async ({ page }) => {
  const api = new FakeControlsApi(usbControls())
  const panel = await openSettings(page, api)
  const brightness = panel.getByRole('slider', { name: 'Brightness' })
  await expect(brightness).toBeVisible()
  let release = (): void => {}
  api.held = new Promise((resolve) => (release = resolve))
  await brightness.focus()
  await page.keyboard.press('ArrowRight')
  await expect(panel.getByText('One moment…')).toBeVisible()
  for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight')
  expect(api.changes).toEqual([{ brightness: 129 }])
  await expect(brightness).toHaveValue('134')
  release()
  await expect.poll(() => api.control('brightness').value).toBe(134)
  await expect(brightness).toHaveValue('134')
  expect([api.changes.length, api.mostAtOnce]).toEqual([2, 1])
})

test('saving shows why the file cannot be written', async ({ page }) => {
  const api = new FakeControlsApi(usbControls(), { unsaved: true })
  const panel = await openSettings(page, api)
  const message = '/etc/rpi-webrtc/config.toml may not be written by this user'
  await expect(panel.getByRole('button', { name: 'Save' })).toBeVisible()
  api.instead.push({ status: 409, json: { error: 'not-writable', message } })
  await panel.getByRole('button', { name: 'Save' }).click()
  await expect(panel.getByRole('alert')).toHaveText(message)
  await expect(panel.getByText('Not saved')).toBeVisible()
})

test('a server that restarts is tried again, and then its values are shown', async ({ page }) => {
  const api = new FakeControlsApi(usbControls())
  api.instead.push('unreachable', 'unreachable')
  const panel = await openSettings(page, api)
  await expect(panel.getByRole('alert')).toHaveText('The server does not answer. It may be restarting.')
  await expect(panel.getByRole('button', { name: 'Try again' })).toBeVisible()
  const brightness = panel.getByRole('slider', { name: 'Brightness' })
  await expect(brightness).toBeVisible()
  await expect(panel.getByRole('alert')).toHaveText('')

  api.instead.push('unreachable', 'unreachable')
  await brightness.press('ArrowRight')
  await expect(panel.getByRole('status')).toHaveText(
    'The server answers again. These are the values in force.',
  )
  await expect(brightness).toHaveValue('128')
})

test('an expired login has a sentence, and the panel can be tried again by hand', async ({ page }) => {
  const api = new FakeControlsApi(usbControls())
  api.instead.push({ status: 401, json: { error: 'unauthorized', message: 'credentials are needed' } })
  const panel = await openSettings(page, api)
  await expect(panel.getByRole('alert')).toContainText('no longer signed in')
  await panel.getByRole('button', { name: 'Try again' }).click()
  await expect(panel.getByRole('slider', { name: 'Brightness' })).toBeVisible()
  await expect(panel.getByRole('alert')).toHaveText('')
})

test('a camera without controls has a sentence, and texts of the server never become markup', async ({
  page,
}) => {
  const why = 'v4l2-ctl is missing: <img src=x onerror=alert(1)> install v4l-utils'
  const panel = await openSettings(page, new FakeControlsApi([], { why }))
  await expect(panel.getByText(why)).toBeVisible()
  await expect(panel.locator('img')).toHaveCount(0)
  await expect(panel.getByRole('button', { name: 'Save' })).toHaveCount(0)
})

test('C opens and closes the panel, the focus returns, and the rest of the page is inert meanwhile', async ({
  page,
}) => {
  await serveControls(page, 'camera1', new FakeControlsApi(usbControls()))
  await page.goto(program.url)
  await expectState(page, 'camera1', 'live')
  const tile = page.locator('[data-camera="camera1"]')
  await tile.focus()
  await page.keyboard.press('c')
  const panel = page.getByRole('dialog')
  await expect(panel).toBeFocused()
  expect(await page.locator('[data-camera="camera2"]').evaluate((it: HTMLElement) => it.inert)).toBe(true)
  await page.keyboard.press('Escape')
  await expect(panel).toHaveCount(0)
  await expect(tile).toBeFocused()
  expect(await page.locator('[data-camera="camera2"]').evaluate((it: HTMLElement) => it.inert)).toBe(false)
  await page.keyboard.press('c')
  await expect(panel).toBeVisible()
  await panel.getByRole('button', { name: 'Close' }).click()
  await expect(panel).toHaveCount(0)
})

test('a page requests no settings before the panel is opened', async ({ page }) => {
  const requested: string[] = []
  page.on('request', (request) => requested.push(new URL(request.url()).pathname))
  await page.goto(program.url)
  await expectState(page, 'camera2', 'live')
  await page.waitForLoadState('networkidle')
  expect(requested.filter((path) => /controls$|settings/.test(path))).toEqual([])
})

test('only administrators get the item of the menu', async ({ browser }) => {
  const credentials = `username = "${login.username}"\npassword = "${login.password}"\ntoken = "${token}"\n`
  await using closed = await startProgram({
    tables: `${credentials}${camera(1)}[webrtc]\nudp-port = $UDP`,
  })
  const viewer = await browser.newContext()
  const watching = await viewer.newPage()
  await watching.goto(`${closed.url}/camera1/?token=${token}`)
  await expectState(watching, 'camera1', 'live')
  await expect(itemOf(watching)).toHaveJSProperty('hidden', true)
  await watching.locator('[data-camera="camera1"]').focus()
  await watching.keyboard.press('c')
  await expect(watching.getByRole('dialog')).toHaveCount(0)

  const administrator = await browser.newContext()
  const page = await administrator.newPage()
  await page.goto(`${closed.url}/camera1/`)
  await signIn(page, login)
  await expectState(page, 'camera1', 'live')
  await expect(itemOf(page)).toHaveJSProperty('hidden', false)
  await viewer.close()
  await administrator.close()
})
