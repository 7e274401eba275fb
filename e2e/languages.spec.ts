import { expect, test, type Page } from '@playwright/test'
import { startProgram, type Program } from '../test/support/program.js'
import { violations } from './helpers/axe.js'
import { openOtherSite } from './helpers/other-site.js'
import { expectState, received } from './helpers/tile.js'

const small = 'device = "test:smpte"\nwidth = 320\nheight = 240\nfps = 10\n'
let program: Program
test.beforeAll(async () => {
  program = await startProgram({
    tables: `[camera1]\nname = "Printer"\n${small}webrtc-port = $PORT1\n[camera2]\nname = "Bird box"\n${small}webrtc-port = $PORT2\n[camera3]\nname = "Garden"\ndevice = "/dev/video99"\nwebrtc-port = $PORT3\n[webrtc]\nudp-port = $UDP`,
  })
})
test.afterAll(async () => await program[Symbol.asyncDispose]())

async function open(page: Page, address: string): Promise<void> {
  await page.goto(`${program.url}/${address}`)
  for (const camera of ['camera1', 'camera2']) await expectState(page, camera, 'live')
  await expectState(page, 'camera3', 'lost')
}

const expectLanguage = async (page: Page, language: string, direction = 'ltr'): Promise<void> => {
  await expect(page.locator('html')).toHaveAttribute('lang', language)
  await expect(page.locator('html')).toHaveAttribute('dir', direction)
}

async function expectFrames(page: Page, camera: string): Promise<void> {
  const before = (await received(page, camera)).framesDecoded
  await expect.poll(async () => (await received(page, camera)).framesDecoded).toBeGreaterThan(before + 10)
}

const headlineOf = (page: Page, camera: string) => page.locator(`[data-camera="${camera}"] .headline`)

test('the pages of the certificate and of the API in Arabic are written from right to left, their commands from left to right', async ({
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(`${program.url}/certificate?lang=ar`)
  await expectLanguage(page, 'ar', 'rtl')
  expect(await violations(page)).toEqual([])
  await page.goto(`${program.url}/api/?lang=ar`)
  await expectLanguage(page, 'ar', 'rtl')
  const line = page.locator('pre').first()
  expect(await line.evaluate((element) => getComputedStyle(element).direction)).toBe('ltr')
  expect(await violations(page)).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  await page.screenshot({ path: 'test-results/api-ar.png' })
})

test.describe('a German browser', () => {
  test.use({ locale: 'de-AT' })

  test('gets a German page, and loads no other language', async ({ page }) => {
    const requested: string[] = []
    page.on('request', (request) => requested.push(new URL(request.url()).pathname))
    await open(page, '')
    await expectLanguage(page, 'de')
    await expect(headlineOf(page, 'camera3')).toHaveText('Kamera ausgefallen')
    await expect(page.locator('[data-camera="camera3"] .detail')).toHaveText(
      'Das Gerät existiert nicht. Schließen Sie die Kamera an.',
    )
    await expect(page.locator('[data-camera="camera3"] .hint')).toHaveAttribute('lang', 'en')
    await expect(page.locator('#summary')).toHaveText('2 von 3 Kameras live')
    await expectFrames(page, 'camera1')
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('s')
    await expect(page.locator('[data-camera="camera1"] .stats')).toContainText('Bildrate')
    await page.getByRole('button', { name: 'Seiteneinstellungen' }).click()
    await expect(page.getByRole('menuitemcheckbox', { name: 'Helle Farben' })).toBeVisible()
    expect(await violations(page)).toEqual([])
    await page.screenshot({ path: 'test-results/page-de.png' })
    const words = [...new Set(requested.filter((path) => path.includes('/words/')))]
    expect(words.sort()).toEqual(['/assets/words/de.causes.json', '/assets/words/de.json'])
  })

  test('gets a German page of the owner', async ({ page }) => {
    await page.goto(`${program.url}/owner#camera1`)
    await expectLanguage(page, 'de')
    await expect(page).toHaveTitle('Einstellungen · rpi-webrtc')
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Einstellungen')
    await expect(page.getByLabel('Bilder pro Sekunde')).toBeVisible()
    expect(await violations(page)).toEqual([])
    await page.screenshot({ path: 'test-results/owner-de.png', fullPage: true })
  })

  test('gets German pages of the certificate and of the API', async ({ page }) => {
    for (const [path, heading] of [
      ['certificate', 'Diesem Server vertrauen'],
      ['api/', 'HTTP-API'],
    ] as const) {
      await page.goto(`${program.url}/${path}`)
      await expectLanguage(page, 'de')
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading)
      expect(await violations(page)).toEqual([])
    }
  })

  test('has a choice of its own, which the page remembers and ?lang overrides', async ({ page }) => {
    await open(page, '')
    await page.getByRole('button', { name: 'Seiteneinstellungen' }).click()
    await page.getByRole('menuitem', { name: 'Sprache' }).click()
    const group = page.getByRole('group', { name: 'Sprache' })
    await expect(group.getByRole('menuitemradio')).toHaveCount(12)
    await expect(group.getByRole('menuitemradio', { name: 'Wie im Browser' })).toBeFocused()
    expect(await violations(page)).toEqual([])
    await group.getByRole('menuitemradio', { name: 'français' }).press('Enter')
    await expectState(page, 'camera1', 'live')
    await expectLanguage(page, 'fr')
    await expect(headlineOf(page, 'camera3')).toHaveText('Caméra perdue')
    await open(page, '?lang=ja')
    await expectLanguage(page, 'ja')
    await expect(headlineOf(page, 'camera3')).toHaveText('カメラが停止しました')
    await open(page, '')
    await expectLanguage(page, 'fr')
    await page.goto(`${program.url}/owner`)
    await expectLanguage(page, 'fr')
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Réglages')
  })
})

test('Arabic is written from right to left, and the pictures are not mirrored', async ({ page }) => {
  await open(page, '?lang=ar')
  await expectLanguage(page, 'ar', 'rtl')
  const boxes = await Promise.all(
    [1, 2, 3].map(async (n) => (await page.locator(`[data-camera="camera${n}"]`).boundingBox())!),
  )
  const inRow = boxes.filter(({ y }) => boxes.filter((other) => other.y === y).length === 2)
  expect(inRow[0]!.x).toBeGreaterThan(inRow[1]!.x)
  await expect(headlineOf(page, 'camera3')).toHaveText('انقطعت الكاميرا')
  await expectFrames(page, 'camera1')
  expect(await violations(page)).toEqual([])
  const video = page.locator('[data-camera="camera1"] video')
  expect(await video.evaluate((it) => getComputedStyle(it).transform)).toBe('none')
  // The point under the pointer stays where it is.
  await page.mouse.move(boxes[0]!.x + 10, boxes[0]!.y + boxes[0]!.height / 2)
  await page.mouse.wheel(0, -600)
  const view = await video.evaluate((it) => new DOMMatrix(getComputedStyle(it).transform))
  expect(view.a).toBeGreaterThan(1.5)
  expect((await video.boundingBox())!.x).toBeGreaterThan(boxes[0]!.x - 40)
  await page.keyboard.press('0')
  await page.getByRole('button', { name: 'إعدادات الصفحة' }).click()
  const [menu, button] = await Promise.all(
    ['#page-menu', '#page-more'].map(async (name) => (await page.locator(name).boundingBox())!),
  )
  expect(Math.abs(menu!.x - button!.x)).toBeLessThan(10)
  expect(await violations(page)).toEqual([])
  await page.screenshot({ path: 'test-results/page-ar.png' })
})

test('on a phone the longest words of each language fit', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 })
  for (const language of ['de', 'fr', 'nl', 'pl', 'ar']) {
    await open(page, `?lang=${language}`)
    const wide = await page.evaluate(() =>
      [...document.querySelectorAll('camera-tile, .masthead, .status, .action')]
        .filter((it) => it.scrollWidth > it.clientWidth + 1 && it.clientWidth > 1)
        .map((it) => `${it.className} ${it.textContent.trim().slice(0, 40)}`),
    )
    expect([language, wide]).toEqual([language, []])
    await page.locator('#page-more').click()
    const menu = (await page.locator('#page-menu').boundingBox())!
    expect(menu.x).toBeGreaterThanOrEqual(0)
    expect(menu.x + menu.width).toBeLessThanOrEqual(360)
    await page.screenshot({ path: `test-results/phone-${language}.png` })
    await page.keyboard.press('Escape')
  }
})

test('every word on the page comes from the file of its language', async ({ page }) => {
  await page.route(/\/words\/[\w.]+\.json$/, async (route) => {
    const response = await route.fetch()
    const marked = Object.fromEntries(
      Object.entries((await response.json()) as Record<string, string | Record<string, string>>).map(
        ([key, value]) => [
          key,
          key === 'language.direction'
            ? value
            : typeof value === 'string'
              ? `⟦${value}⟧`
              : Object.fromEntries(Object.entries(value).map(([form, text]) => [form, `⟦${text}⟧`])),
        ],
      ),
    )
    await route.fulfill({ json: marked })
  })
  const unmarked = async (): Promise<string[]> =>
    await page.evaluate(() => {
      const texts: string[] = []
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
      while (walker.nextNode())
        if (!walker.currentNode.parentElement?.closest('script, style, template, kbd, noscript'))
          texts.push(walker.currentNode.textContent ?? '')
      for (const element of document.querySelectorAll('[aria-label], [title], [placeholder]'))
        for (const name of ['aria-label', 'title', 'placeholder'])
          texts.push(element.getAttribute(name) ?? '')
      return [...new Set(texts.map((text) => text.trim()))].filter(
        (text) => /\p{L}{2}/u.test(text) && !text.includes('⟦'),
      )
    })
  await open(page, '?lang=de')
  const names = ['Printer', 'Bird box', 'Garden', 'rpi-webrtc']
  const isName = (text: string): boolean =>
    names.some((name) => text === name || text === `${name}:`) || /^[A-Z]( [A-Z])+$/.test(text)
  // The hint about the missing device is a sentence of the server.
  const ofServer = (await page.locator('[data-camera="camera3"] .hint').textContent())!.trim()
  const strange = async (): Promise<string[]> =>
    (await unmarked()).filter((text) => !isName(text) && text !== ofServer)
  await expect(page.locator('[data-camera="camera3"] .detail')).toHaveText(/⟦/)
  expect(await strange()).toEqual([])
  await page.keyboard.press('s')
  await expect(page.locator('[data-camera="camera1"] .stats')).toBeVisible()
  await expect(page.locator('[data-camera="camera1"] [data-stat="codec"]')).toHaveText(/VP8/)
  expect(await strange()).toEqual(['VP8'])
})

test('<rpi-camera> speaks the language of its page, or of its own attribute', async ({ page }) => {
  const element = (id: string, attributes = ''): string =>
    `<rpi-camera id="${id}" src="${program.url}/camera1" controls width="320" ${attributes}></rpi-camera>`
  await using site = await openOtherSite(
    () =>
      `<script type="module" src="${program.url}/rpi-camera.js"></script><div lang="fr">${element('one')}</div>${element('two', 'lang="ar"')}`,
  )
  await page.goto(site.origin)
  const paused = (id: string) => page.locator(`#${id} .pause`)
  await expect(paused('one')).toHaveAttribute('aria-label', /^Mettre/)
  await expect(paused('two')).toHaveAttribute('aria-label', /مؤقتًا/)
  await expect(page.locator('#two camera-tile')).toHaveAttribute('dir', 'rtl')
  await expect(page.locator('#one camera-tile')).toHaveAttribute('dir', 'ltr')
  await page.locator('#one').evaluate((it) => it.setAttribute('lang', 'pl'))
  await expect(paused('one')).toHaveAttribute('aria-label', /^Wstrzymaj/)
})
