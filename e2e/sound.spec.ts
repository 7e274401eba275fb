import { readFile } from 'node:fs/promises'
import { chromium, expect, test, type Page } from '@playwright/test'
import { chromiumOptions } from '../test/support/chromium.js'
import { startProgram, type Program } from '../test/support/program.js'
import { violations } from './helpers/axe.js'
import { choose, showControls } from './helpers/menu.js'
import {
  addTone,
  audioContextsOf,
  countAudio,
  setTone,
  startTone,
  type ToneWindow,
  withoutGesture,
} from './helpers/sound.js'
import { expectState, received } from './helpers/tile.js'

/** The page with a camera that has sound: a tone of the browser stands in for the server's. */

const small = 'device = "test:smpte"\nwidth = 640\nheight = 480\nfps = 10\n'
let program: Program
test.beforeAll(async () => {
  program = await startProgram({
    tables: `[camera1]\nname = "Nursery"\n${small}webrtc-port = $PORT1\n[camera2]\nname = "Workshop"\n${small}webrtc-port = $PORT2\n[webrtc]\nudp-port = $UDP`,
  })
})
test.afterAll(async () => await program[Symbol.asyncDispose]())

const video = (page: Page, camera = 'camera1') =>
  page.locator(`[data-camera="${camera}"] video:not(.http-picture)`)
const button = (page: Page, camera = 'camera1') => page.locator(`[data-camera="${camera}"] .sound`)
const level = (page: Page, camera = 'camera1') => page.locator(`[data-camera="${camera}"] .level`)
const isMuted = async (page: Page, camera = 'camera1'): Promise<boolean> =>
  await video(page, camera).evaluate((it: HTMLVideoElement) => it.muted)
const frames = async (page: Page): Promise<number> => (await received(page, 'camera1')).framesDecoded

async function open(page: Page, address = ''): Promise<void> {
  await page.goto(`${program.url}/${address}`)
  await expectState(page, 'camera1', 'live')
  await expect(button(page)).toBeAttached()
}

/** How much of the bar is green, from its pixels. */
async function greenOf(page: Page, camera = 'camera1'): Promise<number> {
  const png = (await level(page, camera).screenshot()).toString('base64')
  return await page.evaluate(async (base64) => {
    const image = new Image()
    image.src = `data:image/png;base64,${base64}`
    await image.decode()
    const { width, height } = image
    const context = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d')!
    context.drawImage(image, 0, 0)
    const { data } = context.getImageData(0, Math.floor(height / 2), width, 1)
    let green = 0
    for (let i = 0; i < data.length; i += 4) if (data[i + 1]! > data[i]! + 40) green++
    return green / width
  }, png)
}

test('a camera without sound has no control for it', async ({ page }) => {
  await countAudio(page)
  await open(page)
  const tile = await showControls(page, 'camera1')
  await expect(button(page)).toBeHidden()
  await expect(tile.locator('.save')).toBeVisible()
  await tile.getByRole('button', { name: /^More for/ }).click()
  for (const item of ['.louder', '.quieter', '.save-item']) await expect(tile.locator(item)).toBeHidden()
  await page.keyboard.press('Escape')
  await page.keyboard.press('u')
  expect([await isMuted(page), await audioContextsOf(page)]).toEqual([true, []])
})

test('sound is off until a person switches it on, and then a bar moves with it', async ({ page }) => {
  await addTone(page)
  await open(page)
  await startTone(page)
  const tile = await showControls(page, 'camera1')
  const named = tile.getByRole('button', { name: 'Sound of Nursery (U)' })
  await expect(named).toHaveAttribute('aria-pressed', 'false')
  await expect(level(page)).toBeHidden()
  expect([await isMuted(page), await audioContextsOf(page)]).toEqual([true, []])

  await named.click()
  await expect(named).toHaveAttribute('aria-pressed', 'true')
  expect(await isMuted(page)).toBe(false)
  await expect.poll(async () => await greenOf(page)).toBeGreaterThan(0.5)
  expect(await audioContextsOf(page)).toEqual(['running'])
  await page.screenshot({ path: 'test-results/sound-laptop.png' })
  await setTone(page, 0.01)
  await expect.poll(async () => await greenOf(page)).toBeLessThan(0.45)
  await setTone(page, 0)
  await expect.poll(async () => await greenOf(page)).toBeLessThan(0.05)

  await showControls(page, 'camera1')
  await named.click()
  await expect(named).toHaveAttribute('aria-pressed', 'false')
  expect(await isMuted(page)).toBe(true)
  await expect.poll(async () => await audioContextsOf(page)).toEqual(['closed'])
  await expect(level(page)).toBeHidden()
})

test('the toolbar has three buttons and the menu, which then has "Save picture"', async ({ page }) => {
  await addTone(page)
  await open(page)
  const tile = await showControls(page, 'camera1')
  await expect(button(page)).toBeVisible()
  await expect(tile.locator('.control:visible')).toHaveCount(4)
  const downloading = page.waitForEvent('download')
  await choose(page, 'camera1', 'Save picture')
  expect((await downloading).suggestedFilename()).toMatch(/^Nursery .*\.jpg$/)
})

test('by keyboard: U, and the button with the space bar; the focus stays', async ({ page }) => {
  await addTone(page)
  await open(page)
  const tile = page.locator('[data-camera="camera1"]')
  await tile.focus()
  await page.keyboard.press('u')
  await expect.poll(async () => await isMuted(page)).toBe(false)
  await page.keyboard.press('u')
  await expect.poll(async () => await isMuted(page)).toBe(true)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await expect(button(page)).toBeFocused()
  await page.keyboard.press('Space')
  await expect(button(page)).toHaveAttribute('aria-pressed', 'true')
  await expect(button(page)).toBeFocused()
  expect(await isMuted(page)).toBe(false)
})

test('by touch on a phone, where it is as large as a finger', async ({ browser }) => {
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  })
  const page = await context.newPage()
  await addTone(page)
  await open(page)
  await startTone(page)
  const tile = page.locator('[data-camera="camera1"]')
  await tile.tap({ position: { x: 180, y: 120 } })
  const { width, height } = (await button(page).boundingBox())!
  expect(Math.min(width, height)).toBeGreaterThanOrEqual(44)
  await button(page).tap()
  await expect(button(page)).toHaveAttribute('aria-pressed', 'true')
  await expect.poll(async () => await greenOf(page)).toBeGreaterThan(0.5)
  await page.screenshot({ path: 'test-results/sound-phone.png' })
  await context.close()
})

test('tiles have their own sound, and one AudioContext for all bars', async ({ page }) => {
  await addTone(page)
  await open(page)
  await expectState(page, 'camera2', 'live')
  await startTone(page)
  for (const camera of ['camera1', 'camera2']) {
    await page.locator(`[data-camera="${camera}"]`).focus()
    await page.keyboard.press('u')
    await expect.poll(async () => await isMuted(page, camera)).toBe(false)
  }
  expect(await isMuted(page)).toBe(false)
  await expect.poll(async () => await greenOf(page, 'camera2')).toBeGreaterThan(0.5)
  expect(await audioContextsOf(page)).toEqual(['running'])
  await page.keyboard.press('u')
  await expect.poll(async () => [await isMuted(page), await isMuted(page, 'camera2')]).toEqual([false, true])
  expect(await audioContextsOf(page)).toEqual(['running'])
  await page.locator('[data-camera="camera1"]').focus()
  await page.keyboard.press('u')
  await expect.poll(async () => await audioContextsOf(page)).toEqual(['closed'])
})

/** What a page shows of its first tile, seen without a gesture. */
interface Seen {
  state: string
  offersSound: boolean
  pressed: string
  muted: boolean
  paused: boolean
  volume: number
  frames: number
  needsTap: boolean
}
const see = async (page: Page): Promise<Seen> =>
  await withoutGesture<Seen>(
    page,
    `(() => {
      const tile = document.querySelector('camera-tile')
      const video = tile?.querySelector('video')
      const button = tile?.querySelector('.sound')
      return {
        state: tile?.dataset.state ?? '',
        offersSound: button?.hidden === false,
        pressed: button?.getAttribute('aria-pressed') ?? '',
        muted: video?.muted ?? true,
        paused: video?.paused ?? true,
        volume: video?.volume ?? 1,
        frames: video?.getVideoPlaybackQuality().totalVideoFrames ?? 0,
        needsTap: tile?.hasAttribute('data-tap') ?? false,
      }
    })()`,
  )

/** The picture plays, without sound. */
async function expectSilentPicture(page: Page): Promise<void> {
  await expect
    .poll(async () => await see(page))
    .toMatchObject({ muted: true, paused: false, pressed: 'false' })
  const before = (await see(page)).frames
  await expect.poll(async () => (await see(page)).frames, { timeout: 15_000 }).toBeGreaterThan(before + 20)
  expect(await see(page)).toMatchObject({ muted: true, paused: false, pressed: 'false', needsTap: false })
}

test('a refusal of the browser never stops the picture', async ({ page }) => {
  await addTone(page)
  await page.goto(`${program.url}/camera1/`)
  await expect
    .poll(async () => await see(page), { timeout: 20_000 })
    .toMatchObject({ state: 'live', offersSound: true })
  // Without a gesture Chromium stops a video that is unmuted.
  const stopped = `(() => {
    const video = document.querySelector('video')
    window.stops = 0
    video.addEventListener('pause', () => window.stops++)
    document.querySelector('camera-tile').press('u')
  })()`
  await withoutGesture(page, stopped)
  await expectSilentPicture(page)
  expect(await withoutGesture<number>(page, 'window.stops')).toBe(1)
})

test('after a reload it is off again, and the volume stays', async ({ page }) => {
  await addTone(page)
  await open(page, 'camera1/')
  await page.keyboard.press('u')
  await expect.poll(async () => await isMuted(page)).toBe(false)
  await choose(page, 'camera1', 'Quieter')
  await expect(page.locator('[data-camera="camera1"] .louder')).toHaveText('Louder (90 %)')
  await page.reload()
  await expect
    .poll(async () => await see(page), { timeout: 20_000 })
    .toMatchObject({ state: 'live', offersSound: true })
  await expectSilentPicture(page)
  expect((await see(page)).volume).toBeCloseTo(0.9)
})

test('in a browser that permits sound without a gesture it is on again after a reload', async () => {
  const browser = await chromium.launch({
    ...chromiumOptions,
    args: [...chromiumOptions.args, '--autoplay-policy=no-user-gesture-required'],
  })
  const page = await browser.newPage()
  await addTone(page)
  await open(page)
  await startTone(page)
  expect(await isMuted(page)).toBe(true)
  await page.locator('[data-camera="camera1"]').focus()
  await page.keyboard.press('u')
  await expect.poll(async () => await isMuted(page)).toBe(false)
  await page.reload()
  await expectState(page, 'camera1', 'live')
  await expect.poll(async () => await isMuted(page)).toBe(false)
  expect(await isMuted(page, 'camera2')).toBe(true)
  await browser.close()
})

test('a hidden tab draws no bar, and goes on while its sound is on', async ({ page }) => {
  await addTone(page)
  await open(page, 'camera1/')
  await startTone(page)
  await page.keyboard.press('u')
  await expect.poll(async () => await greenOf(page)).toBeGreaterThan(0.5)
  const hide = async (hidden: boolean): Promise<void> =>
    await page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => value })
      document.dispatchEvent(new Event('visibilitychange'))
    }, hidden)
  const drawn = async (): Promise<number> =>
    await page.evaluate(() => (window as unknown as ToneWindow).animationFrames)
  await hide(true)
  const [atHidden, shown] = [await drawn(), await frames(page)]
  // 20 s, which is past the grace of hidden tabs.
  await expect.poll(async () => await frames(page), { timeout: 40_000 }).toBeGreaterThan(shown + 200)
  expect(await drawn()).toBe(atHidden)
  expect((await program.health()).cameras['camera1']!.viewers).toBe(1)
  await setTone(page, 0)
  await hide(false)
  await expect.poll(async () => await greenOf(page)).toBeLessThan(0.05)
})

test('with reduced motion the bar changes once a second', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await addTone(page)
  await open(page, 'camera1/')
  await startTone(page)
  await page.evaluate(() => {
    const bar = document.querySelector('.level')!
    const changes: number[] = []
    Object.assign(window, { changes })
    new MutationObserver(() => changes.push(performance.now())).observe(bar, { attributeFilter: ['style'] })
  })
  await page.keyboard.press('u')
  const changes = async (): Promise<number[]> =>
    await page.evaluate(() => (window as unknown as { changes: number[] }).changes)
  for (const gain of [0.5, 0.02, 0.5, 0.02]) {
    const before = (await changes()).length
    await setTone(page, gain)
    await expect.poll(async () => (await changes()).length).toBeGreaterThan(before)
  }
  const gaps = (await changes()).flatMap((atMs, i, all) => (i === 0 ? [] : [atMs - all[i - 1]!]))
  expect(Math.min(...gaps)).toBeGreaterThan(900)
})

test('a recording has the sound that is on', async ({ page }) => {
  await addTone(page)
  await open(page, 'camera1/')
  await startTone(page)
  await page.keyboard.press('u')
  await expect.poll(async () => await isMuted(page)).toBe(false)
  await choose(page, 'camera1', 'Record')
  const stop = page.getByRole('button', { name: /^Stop recording 0:0[2-9]/ })
  await expect(stop).toBeVisible({ timeout: 15_000 })
  const downloading = page.waitForEvent('download')
  await stop.click()
  const bytes = (await readFile(await (await downloading).path())).toString('base64')
  const { seconds, loudest, size } = await page.evaluate(async (base64) => {
    const data = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
    const recorded = document.createElement('video')
    recorded.src = URL.createObjectURL(new Blob([data]))
    await new Promise((resolve, reject) => {
      recorded.onloadeddata = resolve
      recorded.onerror = () => reject(new Error(recorded.error?.message))
    })
    const audio = await (window as unknown as ToneWindow).tone.context.decodeAudioData(data.buffer)
    const loud = audio.getChannelData(0).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)
    return { seconds: audio.duration, loudest: loud, size: [recorded.videoWidth, recorded.videoHeight] }
  }, bytes)
  console.log(`recorded ${seconds.toFixed(1)} s of sound, loudest sample ${loudest.toFixed(2)}`)
  expect(seconds).toBeGreaterThan(1.5)
  expect(loudest).toBeGreaterThan(0.2)
  expect(size).toEqual([640, 480])
  // The bar still uses it; the recording has let it go.
  expect(await audioContextsOf(page)).toEqual(['running'])
  await page.keyboard.press('u')
  await expect.poll(async () => await audioContextsOf(page)).toEqual(['closed'])
})

test('the small window keeps the sound, and its own switch is shown in the tile', async ({ page }) => {
  await addTone(page)
  await open(page, 'camera1/')
  await startTone(page)
  await page.keyboard.press('u')
  await expect.poll(async () => await isMuted(page)).toBe(false)
  await page.keyboard.press('i')
  await expect
    .poll(async () => await page.evaluate(() => document.pictureInPictureElement?.tagName))
    .toBe('VIDEO')
  expect(await isMuted(page)).toBe(false)
  await video(page).evaluate((it: HTMLVideoElement) => void (it.muted = true))
  await expect(button(page)).toHaveAttribute('aria-pressed', 'false')
  await expect.poll(async () => await audioContextsOf(page)).toEqual(['closed'])
})

test('axe finds nothing with sound on and its menu open; forced colours give the bar a border', async ({
  page,
}) => {
  await addTone(page)
  await open(page)
  await startTone(page)
  const tile = await showControls(page, 'camera1')
  await button(page).click()
  await expect.poll(async () => await greenOf(page)).toBeGreaterThan(0.5)
  expect(await violations(page)).toEqual([])
  await showControls(page, 'camera1')
  await tile.getByRole('button', { name: /^More for/ }).click()
  await expect(tile.locator('.louder')).toBeVisible()
  expect(await violations(page)).toEqual([])
  await page.screenshot({ path: 'test-results/sound-menu.png' })
  await page.keyboard.press('Escape')
  await page.emulateMedia({ forcedColors: 'active' })
  await expect(level(page)).toHaveCSS('border-top-style', 'solid')
  await page.screenshot({ path: 'test-results/sound-forced.png' })
})

test('from right to left the bar is beside the name and grows to the left', async ({ page }) => {
  await addTone(page)
  await open(page, '?lang=ar')
  await startTone(page)
  await page.locator('[data-camera="camera1"]').focus()
  await page.keyboard.press('u')
  await expect.poll(async () => await greenOf(page)).toBeGreaterThan(0.5)
  const [name, bar] = [
    (await page.locator('[data-camera="camera1"] .name').boundingBox())!,
    (await level(page).boundingBox())!,
  ]
  expect(bar.x + bar.width).toBeLessThanOrEqual(name.x + 1)
  await page.screenshot({ path: 'test-results/sound-rtl.png' })
})
