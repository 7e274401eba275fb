import { expect, test, type Page } from '@playwright/test'
import { startProgram } from '../test/support/program.js'
import { openOtherSite } from './helpers/other-site.js'
import { addTone, audioContextsOf, startTone, withoutGesture } from './helpers/sound.js'

/** The sound of <rpi-camera> in the page of another site. A tone of the browser stands in for that of the server. */

const TABLES = '[camera1]\ndevice = "test:smpte"\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n'
type Element = HTMLElement & {
  state: string
  muted: boolean
  volume: number
  hasSound: boolean
  peerConnection: RTCPeerConnection | null
}

/** A page with an element, and a button of its own that switches the sound. */
const html = ({ url }: { url: string }, attributes = ''): string =>
  `<script type="module" src="${url}/rpi-camera.js"></script>
<rpi-camera id="one" src="${url}/camera1" ${attributes}></rpi-camera>
<button id="own">Sound</button>
<script>
  const one = document.querySelector('#one')
  window.changes = []
  one.addEventListener('volumechange', () => changes.push([one.hasSound, one.muted]))
  document.querySelector('#own').addEventListener('click', () => (one.muted = !one.muted))
</script>`

const expectLive = async (page: Page): Promise<void> =>
  await expect
    .poll(async () => await page.locator('#one').evaluate((one: Element) => one.state), { timeout: 20_000 })
    .toBe('live')

const soundOf = async (page: Page) =>
  await page.locator('#one').evaluate(({ hasSound, muted, volume }: Element) => ({ hasSound, muted, volume }))

test('a button of the page switches the sound on and off, and hears of both', async ({ page }) => {
  await addTone(page)
  await using program = await startProgram({ tables: TABLES })
  await using site = await openOtherSite(() => html(program))
  await page.goto(site.origin)
  await expectLive(page)
  await expect.poll(async () => await soundOf(page)).toEqual({ hasSound: true, muted: true, volume: 1 })
  await page.locator('#own').click()
  await expect.poll(async () => await soundOf(page)).toEqual({ hasSound: true, muted: false, volume: 1 })
  await page.locator('#one').evaluate((one: Element) => (one.volume = 0.5))
  await page.locator('#own').click()
  await expect.poll(async () => await soundOf(page)).toEqual({ hasSound: true, muted: true, volume: 0.5 })
  const changes = await page.evaluate(() => (window as unknown as { changes: unknown[] }).changes)
  expect(changes[0]).toEqual([true, true])
  expect(changes).toContainEqual([true, false])
  expect(changes.at(-1)).toEqual([true, true])
})

test('without a gesture it stays silent, and the picture goes on', async ({ page }) => {
  await addTone(page)
  await using program = await startProgram({ tables: TABLES })
  await using site = await openOtherSite(() => html(program))
  await page.goto(site.origin)
  const one = "document.querySelector('#one')"
  const isOffered = `${one}.state === 'live' && ${one}.hasSound === true`
  await expect
    .poll(async () => await withoutGesture<boolean>(page, isOffered), { timeout: 20_000 })
    .toBe(true)
  const video = `${one}.shadowRoot.querySelector('video')`
  await withoutGesture(page, `window.stops = 0, ${video}.addEventListener('pause', () => window.stops++)`)
  await withoutGesture(page, `${one}.muted = false`)
  const frames = `${video}.getVideoPlaybackQuality().totalVideoFrames`
  const before = await withoutGesture<number>(page, frames)
  await expect
    .poll(async () => await withoutGesture<number>(page, frames), { timeout: 15_000 })
    .toBeGreaterThan(before + 20)
  expect(await withoutGesture<unknown>(page, `[${one}.muted, ${video}.paused, window.stops]`)).toEqual([
    true,
    false,
    1,
  ])
})

test('the attribute muted forbids sound, and has no button; without it there is one', async ({ page }) => {
  await addTone(page)
  await using program = await startProgram({ tables: TABLES })
  await using site = await openOtherSite(() => html(program, 'muted controls'))
  await page.goto(site.origin)
  await expectLive(page)
  await startTone(page)
  const { x, y } = (await page.locator('#one').boundingBox())!
  await page.mouse.move(x + 200, y + 200)
  await page.mouse.move(x + 210, y + 200)
  await expect(page.locator('#one .save')).toBeVisible()
  await expect(page.locator('#one .sound')).toBeHidden()
  await page.locator('#own').click()
  expect((await soundOf(page)).muted).toBe(true)
  const peer = await page.locator('#one').evaluateHandle((one: Element) => one.peerConnection)

  await page.locator('#one').evaluate((one: Element) => one.removeAttribute('muted'))
  await page.mouse.move(x + 220, y + 200)
  await page.locator('#one').getByRole('button', { name: 'Sound of Camera 1 (U)' }).click()
  expect((await soundOf(page)).muted).toBe(false)
  await expect(page.locator('#one .level')).toBeVisible()
  await page.screenshot({ path: 'test-results/rpi-camera-sound.png' })
  await page.locator('#one').evaluate((one: Element) => one.setAttribute('muted', ''))
  await expect.poll(async () => await soundOf(page)).toMatchObject({ muted: true, hasSound: false })
  expect(
    await page.locator('#one').evaluate((one: Element, before) => one.peerConnection === before, peer),
  ).toBe(true)
  // An element that is removed leaves nothing behind.
  await page.locator('#one').evaluate((one: Element) => one.removeAttribute('muted'))
  await page.locator('#own').click()
  await expect.poll(async () => (await audioContextsOf(page)).at(-1)).toBe('running')
  await page.locator('#one').evaluate((one) => one.remove())
  await expect.poll(async () => await audioContextsOf(page)).not.toContain('running')
})
