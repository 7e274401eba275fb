import { expect, test } from '@playwright/test'
import { startProgram } from '../test/support/program.js'
import { expectState, received } from './helpers/tile.js'

const tables = '[camera1]\ndevice = "test:smpte"\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n'

test('a page whose modules were lost on the way plays on, and is loaded again when the server answers', async ({
  page,
}) => {
  await using program = await startProgram({ tables })
  let [isLossy, isAway, pages] = [true, true, 0]
  await page.route('**/assets/tile-view.js', async (route) =>
    isLossy ? await route.abort('connectionaborted') : await route.continue(),
  )
  await page.route(`${program.url}/camera1/`, async (route) => {
    if (route.request().method() === 'GET') pages++
    return isAway && route.request().method() === 'HEAD' ? await route.abort() : await route.continue()
  })
  await page.goto(`${program.url}/camera1/`)
  const video = page.locator('camera-tile video')
  const frames = async (): Promise<number> =>
    await video.evaluate((element: HTMLVideoElement) => element.getVideoPlaybackQuality().totalVideoFrames)
  // Until it has asked twice whether the server answers.
  await page.waitForRequest((request) => request.method() === 'HEAD')
  await page.waitForRequest((request) => request.method() === 'HEAD')
  const before = await frames()
  await expect.poll(frames).toBeGreaterThan(before + 15)
  expect(pages).toBe(1)

  isLossy = isAway = false
  await expectState(page, 'camera1', 'live')
  expect(pages).toBe(2)
  await expect.poll(async () => (await received(page, 'camera1')).framesDecoded).toBeGreaterThan(30)
})
