import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test, type Page } from '@playwright/test'
import { startProgram, type Program } from '../test/support/program.js'
import { violations } from './helpers/axe.js'
import { signIn } from './helpers/sign-in.js'
import { expectPicture } from './helpers/tile.js'

const login = { username: 'anna', password: 'correct horse' }
const credentials = `username = "${login.username}"\npassword = "${login.password}"\ntoken = "0123456789abcdef"\n`
const cameras =
  '[camera1]\nname = "Bird box"\ndevice = "test:smpte"\nwebrtc-port = $PORT1\n[camera2]\ndevice = "test:ball"\nwebrtc-port = $PORT2\n[webrtc]\nudp-port = $UDP\n'
const start = async (): Promise<Program> => await startProgram({ tables: credentials + cameras })

const parts = (page: Page) => ({
  username: page.getByLabel('User name'),
  password: page.getByLabel('Password', { exact: true }),
  problem: page.getByRole('alert'),
})

/** A page of another site with this in its body. */
async function otherSite(body: string, host = 'localhost'): Promise<{ url: string; close: () => void }> {
  const server = createServer((_request, response) =>
    response.setHeader('content-type', 'text/html').end(`<!doctype html><title>other</title>${body}`),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}/`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

test('a person signs in with the keyboard, and watches what was opened', async ({ browser }) => {
  await using program = await start()
  const context = await browser.newContext()
  const page = await context.newPage()
  const errors: string[] = []
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  const response = await page.goto(`${program.url}/?stats=true#large=camera2`)
  expect(response?.status()).toBe(401)
  const { username, password, problem } = parts(page)
  await expect(username).toBeFocused()
  await page.keyboard.type(login.username)
  await page.keyboard.press('Tab')
  await page.keyboard.type('correct hors')
  await page.keyboard.press('Tab')
  await expect(page.getByRole('button', { name: 'Show' })).toBeFocused()
  await page.keyboard.press('Space')
  await expect(password).toHaveAttribute('type', 'text')
  await expect(password).toBeFocused()
  await page.keyboard.press('Enter')

  await expect(problem).toHaveText('The user name or the password is wrong.')
  await expect(username).toHaveValue(login.username)
  await expect(password).toBeFocused()
  await expect(password).toHaveValue('')
  await page.keyboard.type(login.password)
  await page.keyboard.press('Enter')
  await expectPicture(page, 'camera2')
  expect(page.url()).toBe(`${program.url}/?stats=true#large=camera2`)
  const cookies = await context.cookies()
  expect(cookies).toMatchObject([{ httpOnly: true, sameSite: 'Strict', expires: -1, path: '/' }])
  expect(errors.filter((text) => !text.includes('401'))).toEqual([])
  await context.close()
})

test('without JavaScript the form works too', async ({ browser }) => {
  await using program = await start()
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(`${program.url}/camera1/`)
  await expect(page.getByRole('button', { name: 'Show' })).toBeHidden()
  await signIn(page, login)
  await expect(page).toHaveURL(`${program.url}/camera1/`)
  await expect(page.locator('#bootstrap')).toBeAttached()
  await context.close()
})

test('too many wrong passwords: the page says how long to wait, and then lets the right one in', async ({
  browser,
}) => {
  await using program = await start()
  const context = await browser.newContext()
  const page = await context.newPage()
  const { problem } = parts(page)
  const tooMany = /^Too many wrong attempts came from your network\. Wait (?:one second|\d+ seconds)/
  // The wait doubles with each attempt until it is longer than this machine takes for one.
  await expect(async () => {
    await page.goto(`${program.url}/camera1/`)
    await signIn(page, { ...login, password: `guess ${Math.random()}` })
    await expect(problem).toHaveText(tooMany, { timeout: 1000 })
  }).toPass()
  await page.screenshot({ path: 'test-results/sign-in-throttled.png' })
  expect(await violations(page)).toEqual([])
  await expect(problem).toHaveText('You can try again now.', { timeout: 65_000 })
  await signIn(page, login)
  await expectPicture(page, 'camera1')
  await context.close()
})

test('a page whose password was changed leads to the form, and back to the same camera', async ({
  browser,
}) => {
  await using program = await start()
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`${program.url}/#large=camera2`)
  await signIn(page, login)
  await expectPicture(page, 'camera2')
  const changed = { ...login, password: 'another horse' }
  const config = await readFile(program.configPath, 'utf8')
  await writeFile(program.configPath, config.replace(login.password, changed.password))
  const button = page.locator('[data-camera="camera2"]').getByRole('button', { name: 'Sign in' })
  await expect(button).toBeVisible({ timeout: 20_000 })
  await button.click()
  await signIn(page, login)
  await expect(parts(page).problem).toBeVisible()
  await signIn(page, changed)
  await expectPicture(page, 'camera2')
  expect(page.url()).toBe(`${program.url}/#large=camera2`)
  await context.close()
})

test('a person signs out, and nothing of the page opens any more', async ({ browser }) => {
  await using program = await start()
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(program.url)
  await signIn(page, login)
  await expectPicture(page, 'camera1')
  await page.getByRole('button', { name: 'Page settings' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(parts(page).username).toBeFocused()
  expect(await context.cookies()).toEqual([])
  expect((await context.request.get(`${program.url}/api/config`)).status()).toBe(401)
  await context.close()
})

test('a link on another site finds the session, and a frame there does not take a password', async ({
  browser,
}) => {
  await using program = await start()
  const linking = await otherSite(`<a href="${program.url}/camera1/#x">camera</a>`)
  const framing = await otherSite(`<iframe src="${program.url}/camera1/"></iframe>`)
  const context = await browser.newContext()
  const page = await context.newPage()
  try {
    await page.goto(`${program.url}/camera1/`)
    await signIn(page, login)
    await expectPicture(page, 'camera1')
    await page.goto(linking.url)
    await page.getByRole('link').click() // browsers withhold a strict cookie from this request
    await expectPicture(page, 'camera1')

    await page.goto(framing.url)
    const frame = page.frameLocator('iframe')
    await expect(frame.getByRole('link', { name: 'Open the sign-in page' })).toBeVisible()
    await expect(frame.locator('form')).toBeHidden()
  } finally {
    linking.close()
    framing.close()
    await context.close()
  }
})

test('a frame on the same host plays when the form was sent on a page of its own', async ({ browser }) => {
  await using program = await start()
  const framing = await otherSite(`<iframe src="${program.url}/camera1/"></iframe>`, '127.0.0.1')
  const context = await browser.newContext()
  const page = await context.newPage()
  try {
    await page.goto(framing.url)
    const opened = context.waitForEvent('page')
    await page.frameLocator('iframe').getByRole('link', { name: 'Open the sign-in page' }).click()
    await signIn(await opened, login)
    await expectPicture(await opened, 'camera1')
    await (await opened).close()
    const tile = page.frameLocator('iframe').locator('[data-camera="camera1"]')
    await expect(tile).toHaveAttribute('data-state', 'live', { timeout: 15_000 })
  } finally {
    framing.close()
    await context.close()
  }
})

test('with forced colours and text of 200 % the form is complete', async ({ browser }) => {
  await using program = await start()
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, forcedColors: 'active' })
  const page = await context.newPage()
  await page.goto(program.url)
  await expect(page.locator('.submit').first()).toHaveCSS('border-top-style', 'solid')
  await page.evaluate(() => (document.documentElement.style.fontSize = '200%'))
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
  expect(await violations(page)).toEqual([])
  await page.screenshot({ path: 'test-results/sign-in-forced-200.png', fullPage: true })
  await context.close()
})

test('a wrong address is a sentence with the cameras, in the browser', async ({ browser }) => {
  await using program = await start()
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`${program.url}/camera7/`)
  await expect(page.locator('body')).not.toContainText('Bird box')
  await signIn(page, login)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('There is no such camera.')
  expect(await violations(page)).toEqual([])
  await page.screenshot({ path: 'test-results/wrong-address.png' })
  await page.getByRole('link', { name: 'Bird box' }).click()
  await expectPicture(page, 'camera1')
  await context.close()
})

for (const [device, viewport] of Object.entries({
  phone: { width: 390, height: 844 },
  laptop: { width: 1440, height: 900 },
}))
  for (const colorScheme of ['dark', 'light'] as const)
    test(`axe finds nothing in the form on a ${device}, ${colorScheme}`, async ({ browser }) => {
      await using program = await start()
      const context = await browser.newContext({ viewport, colorScheme })
      const page = await context.newPage()
      await page.goto(program.url)
      expect(await violations(page)).toEqual([])
      await page.screenshot({ path: `test-results/sign-in-${device}-${colorScheme}.png` })
      await signIn(page, { ...login, password: 'wrong' })
      await expect(parts(page).problem).toBeVisible()
      expect(await violations(page)).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width)
      await page.screenshot({ path: `test-results/sign-in-${device}-${colorScheme}-wrong.png` })
      await signIn(page, login)
      await page.goto(`${program.url}/nothing`)
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('There is nothing at this address.')
      expect(await violations(page)).toEqual([])
      await page.screenshot({ path: `test-results/wrong-address-${device}-${colorScheme}.png` })
      await context.close()
    })
