import { expect, test, type Page } from '@playwright/test'
import { startProgram, type Program } from '../test/support/program.js'
import { barsOf, decodeJpeg } from '../test/fakes/jpeg.js'
import { twoTestCameras } from './helpers/cameras.js'
import { expectColours, expectState, holdAssets, smpteBars } from './helpers/tile.js'

let program: Program
test.beforeAll(async () => {
  program = await startProgram({ tables: twoTestCameras('vp8') })
  await expect.poll(async () => (await program.health()).cameras['camera1']!.state).toBe('live')
})
test.afterAll(async () => await program[Symbol.asyncDispose]())

/** Holds answers back, and with them the video, until the returned function is called. */
async function withoutVideo(page: Page): Promise<() => Promise<void>> {
  await page.addInitScript(() => {
    const released = new Promise<void>((resolve) => Object.assign(window, { release: resolve }))
    const Peer = window.RTCPeerConnection
    window.RTCPeerConnection = class extends Peer {
      override async setRemoteDescription(answer: RTCSessionDescriptionInit): Promise<void> {
        await released
        await super.setRemoteDescription(answer)
      }
    }
  })
  return async () => await page.evaluate('release()')
}

const poster = (page: Page) => page.locator('[data-camera="camera1"] .poster')

test('a snapshot is shown before the video and removed when that starts', async ({ page }) => {
  await page.setViewportSize({ width: 640, height: 480 })
  const release = await withoutVideo(page)
  const loadRest = await holdAssets(page)
  await page.goto(`${program.url}/camera1/`, { waitUntil: 'commit' })
  await expect(poster(page)).toHaveJSProperty('complete', true)
  const shown = decodeJpeg(await page.screenshot({ type: 'jpeg', quality: 95 }))
  expectColours(barsOf(shown, 0.3), smpteBars)
  expect(
    await page.locator('[data-camera="camera1"] video').evaluate((it: HTMLVideoElement) => it.readyState),
  ).toBe(0)

  loadRest()
  await expectState(page, 'camera1', 'connecting')
  await expect(poster(page)).toHaveCount(1)
  await release()
  await expectState(page, 'camera1', 'live')
  await expect(poster(page)).toHaveCount(0)
})

test('the video does not wait for a slow snapshot', async ({ page }) => {
  let requests = 0
  await page.route('**/snapshot.jpg', () => {
    requests++ // and no answer
  })
  const gone = page.waitForEvent('requestfailed', (request) =>
    request.url().endsWith('/camera1/snapshot.jpg'),
  )
  await page.goto(`${program.url}/camera1/`, { waitUntil: 'commit' })
  await expectState(page, 'camera1', 'live')
  await gone
  await expect(poster(page)).toHaveCount(0)
  expect(requests).toBe(1)
})

test('with data saving enabled only the video is loaded', async ({ page }) => {
  await page.addInitScript(() =>
    Object.defineProperty(navigator, 'connection', { value: { saveData: true, effectiveType: '4g' } }),
  )
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  await page.goto(`${program.url}/camera1/`)
  await expectState(page, 'camera1', 'live')
  expect(asked).toContain('/camera1/')
  expect(asked).not.toContain('/camera1/snapshot.jpg')
})

test('the black frame of 2x2 that a failed connection leaves neither removes the snapshot nor changes the layout', async ({
  page,
}) => {
  await withoutVideo(page)
  await page.goto(program.url, { waitUntil: 'commit' })
  await expectState(page, 'camera1', 'connecting')
  await expect(poster(page)).toHaveJSProperty('complete', true)
  const tile = page.locator('[data-camera="camera1"]')
  const before = await tile.boundingBox()
  await tile.locator('video').evaluate(async (video: HTMLVideoElement) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 2, height: 2 })
    const context = canvas.getContext('2d')!
    setInterval(() => context.fillRect(0, 0, 2, 2), 50) // a canvas that does not change sends no frame
    const loaded = new Promise((resolve) => video.addEventListener('loadeddata', resolve, { once: true }))
    video.srcObject = canvas.captureStream()
    await video.play()
    await loaded
  })
  expect(await tile.locator('video').evaluate((it: HTMLVideoElement) => it.videoWidth)).toBe(2)
  await expect(poster(page)).toHaveCount(1)
  expect(await tile.boundingBox()).toEqual(before)
  await expectState(page, 'camera1', 'connecting')
})
