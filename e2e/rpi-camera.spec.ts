import { expect, test, type Page } from '@playwright/test'
import axe from 'axe-core'
import { startProgram, type Program } from '../test/support/program.js'
import { openOtherSite, pageWith, type SeenReport } from './helpers/other-site.js'
import { bundleElement } from './helpers/bundle.js'
import { canBlock, openBlockedNetwork } from './helpers/blocked-network.js'
import { signIn } from './helpers/sign-in.js'
import { barRegions, expectColours, smpteBars, type Region } from './helpers/tile.js'

/** <rpi-camera> in the pages of other sites. rpi-camera-firefox.spec.ts has the same in Firefox. */

const TOKEN = '9f86d081884c7d659a2feaa0c55ad015'
const camera = (server = '', webrtc = ''): string =>
  `${server}\n[camera1]\ndevice = "test:smpte"\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n${webrtc}`

const html = ({ url }: { url: string }, attributes = '', id = 'one'): string =>
  `<script type="module" src="${url}/rpi-camera.js"></script>
<rpi-camera id="${id}" src="${url}/camera1" ${attributes}></rpi-camera>`

type Element = HTMLElement & {
  state: string
  src: string
  token: string
  videoWidth: number
  videoHeight: number
  peerConnection: RTCPeerConnection | null
  snapshot: () => Promise<Blob | null>
  play: () => void
  pause: () => void
}

const reportsOf = async (page: Page): Promise<SeenReport[]> =>
  await page.evaluate(() => (window as unknown as { reports: SeenReport[] }).reports)

const stateOf = async (page: Page, id = 'one'): Promise<string> =>
  await page.locator(`#${id}`).evaluate((element: Element) => element.state)

const expectLive = async (page: Page, id = 'one'): Promise<void> =>
  await expect.poll(async () => await stateOf(page, id), { timeout: 20_000 }).toBe('live')

const framesOf = async (page: Page, id = 'one'): Promise<number> =>
  await page.locator(`#${id}`).evaluate(async (element: Element) => {
    const stats = [...((await element.peerConnection?.getStats())?.values() ?? [])] as {
      type: string
      framesDecoded?: number
    }[]
    return stats.find(({ type }) => type === 'inbound-rtp')?.framesDecoded ?? 0
  })

/** The colours of a picture that the element has taken. */
const coloursOf = async (page: Page, id = 'one'): Promise<[number, number, number][]> =>
  await page.locator(`#${id}`).evaluate(async (element: Element, regions: Region[]) => {
    const blob = await element.snapshot()
    const bitmap = await createImageBitmap(blob!)
    const { width, height } = bitmap
    const context = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d')!
    context.drawImage(bitmap, 0, 0)
    return regions.map((region): [number, number, number] => {
      const [x, y, w, h] = [region.x * width, region.y * height, region.width * width, region.height * height]
      const { data } = context.getImageData(Math.round(x), Math.round(y), Math.ceil(w), Math.ceil(h))
      const mean = (c: number): number =>
        data.reduce((sum, value, i) => (i % 4 === c ? sum + value : sum), 0) / (data.length / 4)
      return [mean(0), mean(1), mean(2)]
    })
  }, barRegions)

const viewersOf = async (program: Program): Promise<number> =>
  (await program.health()).cameras['camera1']!.viewers

/** As the owner sees them. */
async function viewersSeenBy({ url }: Program): Promise<unknown[]> {
  const headers = { authorization: `Basic ${btoa('u:p')}` }
  return ((await (await fetch(`${url}/api/viewers`, { headers })).json()) as { viewers: unknown[] }).viewers
}

test('a page of another host name plays the camera, in the size of the video', async ({ page }) => {
  await using program = await startProgram({ tables: camera() })
  await using site = await openOtherSite(() => html(program, 'controls'))
  const errors: string[] = []
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  await page.goto(site.origin)
  await expectLive(page)
  await expect.poll(async () => await framesOf(page), { timeout: 20_000 }).toBeGreaterThan(30)
  expectColours(await coloursOf(page), smpteBars)
  const { width, height } = (await page.locator('#one').boundingBox())!
  expect([width, height]).toEqual([640, 480])
  const { x, y } = (await page.locator('#one').boundingBox())!
  await page.mouse.move(x + 200, y + 200)
  await page.mouse.move(x + 210, y + 200)
  await page.screenshot({ path: 'test-results/rpi-camera.png' })
  await page.locator('#one').getByRole('button', { name: 'More for Camera 1' }).click()
  await expect(page.locator('#one .menu [role^="menuitem"]:visible')).toHaveText([
    /^\s*Zoom in/,
    /^\s*Zoom out/,
    /^\s*Rotate/,
    /^\s*Mirror/,
    /^\s*Record/,
    /^\s*Small window/,
    /^\s*Statistics/,
  ])
  await page.screenshot({ path: 'test-results/rpi-camera-menu.png' })
  await page.keyboard.press('Escape')
  await expect(page.locator('#one .menu')).toBeHidden()
  const reports = await reportsOf(page)
  expect(reports.filter(({ name }) => name === 'playing')).toMatchObject([
    { id: 'one', state: 'live', code: '', transport: 'webrtc' },
  ])
  expect(reports.filter(({ name }) => name === 'failed')).toEqual([])
  expect(errors).toEqual([])
})

test('a page with a strict Content-Security-Policy and Trusted Types plays the camera', async ({ page }) => {
  await using program = await startProgram({ tables: camera() })
  const { host } = new URL(program.url)
  await using site = await openOtherSite(() => html(program, 'controls'), {
    csp: () =>
      `default-src 'none'; script-src http://${host}; connect-src http://${host} ws://${host}; img-src http://${host}; ` +
      "require-trusted-types-for 'script'; trusted-types rpi-camera",
  })
  await page.goto(site.origin)
  await expectLive(page)
  await expect.poll(async () => await framesOf(page), { timeout: 20_000 }).toBeGreaterThan(10)
  await expect(page.locator('#one .nameplate')).toHaveCSS('border-radius', '8px')
})

test('the element is used by keyboard alone, fills the screen, and axe finds nothing', async ({ page }) => {
  await using program = await startProgram({ tables: camera() })
  await using site = await openOtherSite(
    () => `<main><h1>Printer</h1><button id="before">Before</button>${html(program, 'controls')}</main>`,
  )
  await page.goto(site.origin)
  await expectLive(page)
  await page.addScriptTag({ content: axe.source })
  const found = await page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run('#one')
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
  })
  expect(found).toEqual([])
  await page.locator('#before').focus()
  await page.keyboard.press('Tab')
  await expect(page.locator('#one camera-tile')).toBeFocused()
  await page.keyboard.press('p')
  await expect.poll(async () => await viewersOf(program)).toBe(0)
  expect(await stateOf(page)).toBe('paused')
  await page.keyboard.press('p')
  await expectLive(page)
  await page.keyboard.press('+')
  await expect(page.locator('#one camera-tile')).toHaveAttribute('data-zoomed')
  await page.keyboard.press('Escape')
  await expect(page.locator('#one camera-tile')).not.toHaveAttribute('data-zoomed')
  await page.keyboard.press('f')
  await expect(page.locator('#one .fullscreen')).toHaveAttribute('aria-label', 'Exit full screen (F)')
  expect(await page.evaluate(() => document.fullscreenElement?.id)).toBe('one')
  await page.keyboard.press('f')
  await expect(page.locator('#one .fullscreen')).toHaveAttribute('aria-label', /^Show Camera 1/)
  // Without controls it is a picture, which the keyboard passes by.
  await page.locator('#one').evaluate((one: Element) => one.removeAttribute('controls'))
  await expect(page.locator('#one .topline')).toBeHidden()
  await expect(page.locator('#one camera-tile')).toHaveAttribute('tabindex', '-1')
})

test('a page with a bundle of the npm package plays the camera', async ({ page }) => {
  const bundle = await bundleElement()
  await using program = await startProgram({ tables: camera() })
  const body = `<script type="module" src="bundle.js"></script><rpi-camera id="one" src="${program.url}/camera1"></rpi-camera>`
  await using site = await openOtherSite(() => body, { bundle })
  const requests: string[] = []
  page.on('request', (request) => requests.push(new URL(request.url()).pathname))
  await page.goto(site.origin)
  await expectLive(page)
  await expect(page.locator('#one .nameplate')).toHaveCSS('border-radius', '8px')
  expect(requests.filter((path) => path.startsWith('/player/'))).toEqual([])
})

test('with credentials an allowed page needs the token, and says what is missing', async ({ page }) => {
  const running = { url: '' }
  await using site = await openOtherSite(() => html(running))
  await using server = await startProgram({
    tables: camera(`token = "${TOKEN}"\npassword = "p"\nusername = "u"\nallow-origins = ["${site.origin}"]`),
  })
  running.url = server.url
  await page.goto(site.origin)
  await expect.poll(async () => await stateOf(page), { timeout: 15_000 }).toBe('unsupported')
  expect((await reportsOf(page)).filter(({ name }) => name === 'failed')).toMatchObject([
    { code: 'unauthorized', message: 'The camera server requires a token.', hint: /server\.token/ },
  ])
  await page.screenshot({ path: 'test-results/rpi-camera-no-token.png' })
  await page.locator('#one').evaluate((element: Element) => (element.token = 'wrong'))
  await expect
    .poll(async () => (await reportsOf(page)).at(-1)?.message, { timeout: 15_000 })
    .toBe('The camera server rejects the token.')
  await page.locator('#one').evaluate((element: Element, token) => (element.token = token), TOKEN)
  await expectLive(page)
  await expect.poll(async () => await framesOf(page), { timeout: 20_000 }).toBeGreaterThan(10)
})

test('a page that is not allowed gets nothing, with a token or the cookie of the owner', async ({ page }) => {
  const running = { url: '' }
  let attributes = `token="${TOKEN}"`
  await using site = await openOtherSite(() => html(running, attributes))
  await using server = await startProgram({
    tables: camera(`token = "${TOKEN}"\npassword = "p"\nusername = "u"`),
  })
  running.url = server.url
  const requests: string[] = []
  page.on('request', (request) => request.url().includes('/api/config') && requests.push(request.url()))
  const expectRefusal = async (origin: string): Promise<void> => {
    await page.goto(origin)
    await expect
      .poll(async () => (await reportsOf(page)).find(({ name }) => name === 'failed'), { timeout: 15_000 })
      .toMatchObject({
        code: 'origin-not-allowed',
        message: 'The camera server does not accept this page.',
        hint: `Add "${origin}" to server.allow-origins in the configuration of the server.`,
      })
    expect(await stateOf(page)).toBe('reconnecting')
    // It tries again, and is refused again.
    const asked = requests.length
    await expect.poll(() => requests.length, { timeout: 20_000 }).toBeGreaterThan(asked + 1)
    expect(await viewersSeenBy(server)).toEqual([])
  }
  await expectRefusal(site.origin)
  await page.screenshot({ path: 'test-results/rpi-camera-not-allowed.png' })
  // The owner is signed in: the browser sends the cookie to every port of this host.
  await page.goto(`${server.url}/camera1/`)
  await signIn(page, { username: 'u', password: 'p' })
  await expect(page.locator('[data-camera="camera1"]')).toBeVisible()
  expect((await page.context().cookies()).map(({ name }) => name)).toEqual([`rpi-webrtc-${server.webPort}`])
  attributes = ''
  await expectRefusal(site.samesiteOrigin)
})

test('an element gives its slot back when it is removed, and keeps it when it is moved', async ({ page }) => {
  await using program = await startProgram({ tables: camera('', 'max-clients = 1') })
  await using site = await openOtherSite(
    () => `${html(program)}<div id="elsewhere"></div><div id="small" style="width: 160px"></div>`,
  )
  await page.goto(site.origin)
  await expectLive(page)
  expect(await viewersOf(program)).toBe(1)
  const isSame = await page.locator('#one').evaluate(async (element: Element) => {
    const before = element.peerConnection
    document.getElementById('elsewhere')!.append(element)
    await new Promise((resolve) => setTimeout(resolve, 100))
    return element.peerConnection === before && before?.connectionState === 'connected'
  })
  expect(isSame).toBe(true)
  const frames = await framesOf(page)
  await expect.poll(async () => await framesOf(page), { timeout: 10_000 }).toBeGreaterThan(frames + 10)
  expect(await page.locator('#one video').evaluate((video: HTMLVideoElement) => video.paused)).toBe(false)

  const element = await page.evaluateHandle(() => document.getElementById('one')!)
  await element.evaluate((one) => one.remove())
  await expect.poll(async () => await viewersOf(program), { timeout: 5000 }).toBe(0)
  await element.evaluate((one) => document.getElementById('small')!.append(one))
  await expectLive(page)
  expect(await viewersOf(program)).toBe(1)
})

test('another src is another session; two elements are two viewers', async ({ page }) => {
  await using program = await startProgram({
    tables: `[camera1]\ndevice = "test:smpte"\nname = "Printer"\nwebrtc-port = $PORT1
[camera2]\ndevice = "test:smpte"\nname = "Garden"\nwebrtc-port = $PORT2\n[webrtc]\nudp-port = $UDP`,
  })
  await using site = await openOtherSite(
    () => `${html(program)}<rpi-camera id="two" src="${program.url}/camera1/" width="320"></rpi-camera>`,
  )
  await page.goto(site.origin)
  await expectLive(page, 'one')
  await expectLive(page, 'two')
  expect(await viewersOf(program)).toBe(2)
  const { width, height } = (await page.locator('#two').boundingBox())!
  expect([width, height]).toEqual([320, 240])
  await page.locator('#two').evaluate((two: Element) => (two.src = two.src.replace('camera1', 'camera2')))
  await expect.poll(async () => await viewersOf(program)).toBe(1)
  await expectLive(page, 'two')
  expect(await page.locator('#two').evaluate((two: Element & { name: string }) => two.name)).toBe('Garden')
  await page.locator('#two').evaluate((two: Element) => (two.src = two.src.replace('camera2', 'camera7')))
  await expect
    .poll(async () => (await reportsOf(page)).at(-1))
    .toMatchObject({ id: 'two', code: 'no-such-camera', hint: 'It has camera1, camera2.' })
  await page.locator('#two').evaluate((two: Element) => (two.src = 'http://pi:8080'))
  await expect.poll(async () => (await reportsOf(page)).at(-1)).toMatchObject({ id: 'two', code: 'bad-src' })
})

test('an element that nobody sees gives its slot back, and plays when it is seen', async ({ page }) => {
  await using program = await startProgram({ tables: camera() })
  await using site = await openOtherSite(
    () => `${html(program)}${html(program, 'background', 'two')}<p style="height: 3000px"></p>`,
  )
  await page.goto(site.origin)
  await expectLive(page, 'one')
  await expectLive(page, 'two')
  await page.evaluate(() => scrollTo(0, 2500))
  await expect.poll(async () => await stateOf(page, 'one'), { timeout: 25_000 }).toBe('unwatched')
  await expect.poll(async () => await viewersOf(program)).toBe(1)
  expect(await stateOf(page, 'two')).toBe('live')
  await page.evaluate(() => scrollTo(0, 0))
  await expectLive(page, 'one')
})

test('it plays again after the server was restarted', async ({ page }) => {
  const program = await startProgram({ tables: camera() })
  await using site = await openOtherSite(() => html(program))
  await page.goto(site.origin)
  await expectLive(page)
  await program[Symbol.asyncDispose]()
  await expect.poll(async () => await stateOf(page)).toBe('reconnecting')
  await expect
    .poll(async () => (await reportsOf(page)).findLast(({ name }) => name === 'failed')?.message)
    .toBe('The camera server does not answer')
  await using again = await startProgram({ tables: camera(), ports: program })
  await expectLive(page)
  expect(await viewersOf(again)).toBe(1)
})

for (const codec of ['h264', 'vp8'])
  test(`where WebRTC is blocked it plays ${codec} over HTTP, and over WebRTC after that`, async () => {
    test.skip(!canBlock, 'it needs root, to drop packets in a network namespace')
    await using network = await openBlockedNetwork()
    const tables = `[camera1]\ndevice = "test:smpte"\nwebrtc-port = $PORT1\n[video]\ncodec = "${codec}"\n[webrtc]\nudp-port = $UDP\n`
    await using program = await startProgram({ tables, bindIp: '0.0.0.0', through: network.enter })
    network.block(program.udpPort)
    const page = await network.browser.newPage()
    const url = `http://${network.address}:${program.webPort}`
    await page.route('http://printer.example/', async (route) => {
      await route.fulfill({ contentType: 'text/html', body: pageWith(html({ url }, 'controls')) })
    })
    await page.goto('http://printer.example/')
    await expectLive(page)
    expect((await reportsOf(page)).findLast(({ name }) => name === 'playing')).toMatchObject({
      transport: 'http',
    })
    await expect(page.locator('#one .http-picture')).toBeVisible()
    expectColours(await coloursOf(page), smpteBars)
    await expect(page.locator('#one .congestion')).toContainText('over HTTP')
    await page.screenshot({ path: `test-results/rpi-camera-http-${codec}.png` })
    network.unblock()
    await expect
      .poll(async () => (await reportsOf(page)).at(-1)?.transport, { timeout: 20_000 })
      .toBe('webrtc')
    await expect.poll(async () => await framesOf(page), { timeout: 20_000 }).toBeGreaterThan(10)
    expectColours(await coloursOf(page), smpteBars)
  })
