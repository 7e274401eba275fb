import { expect, test, type Page } from '@playwright/test'
import { startProgram, type Program } from '../test/support/program.js'
import { twoTestCameras } from './helpers/cameras.js'
import { expectState } from './helpers/tile.js'

let program: Program
test.beforeAll(async () => {
  program = await startProgram({ tables: twoTestCameras('vp8') })
})
test.afterAll(async () => await program[Symbol.asyncDispose]())

const stats = (page: Page, camera = 'camera1') => page.locator(`[data-camera="${camera}"] .stats`)
const row = (page: Page, name: string) => stats(page).locator(`[data-stat="${name}"]`)

/** Two cameras encode and Chromium decodes on two cores, so the first values may be late. */
const slow = { timeout: 20_000 }

/** Counts getStats() calls, which are the cost of the statistics. */
const countGetStats = `
  window.getStatsCalls = 0
  const { getStats } = RTCPeerConnection.prototype
  RTCPeerConnection.prototype.getStats = function (...all) {
    window.getStatsCalls++
    return getStats.apply(this, all)
  }`

/** Resolves when some more calls were made, with their number and the milliseconds that they took. */
async function nextCalls(page: Page): Promise<{ calls: number; elapsedMs: number }> {
  return await page.evaluate(`(async () => {
    const [before, startMs] = [window.getStatsCalls, performance.now()]
    while (window.getStatsCalls < before + 6) await new Promise((resolve) => setTimeout(resolve, 50))
    return { calls: window.getStatsCalls - before, elapsedMs: performance.now() - startMs }
  })()`)
}

test('S toggles the statistics, which are correct, do not move the layout and need no further getStats() calls', async ({
  page,
}) => {
  await page.addInitScript(countGetStats)
  await page.goto(`${program.url}/camera1/`)
  await expectState(page, 'camera1', 'live')
  await expect(stats(page)).toBeHidden()

  await page.locator('[data-camera="camera1"]').focus()
  await page.keyboard.press('s')
  await expect(stats(page)).toBeVisible()
  const place = await stats(page).boundingBox()
  await expect(row(page, 'latency')).toHaveText(/^(?:\d+0|under 10) ms$/, slow)
  await expect(row(page, 'codec')).toHaveText('VP8')
  await expect(row(page, 'resolution')).toHaveText('640×480')
  await expect(row(page, 'fps')).toHaveText(/^[1-9]\d* fps$/)
  await expect(row(page, 'bitrate')).toHaveText(/bit\/s$/)
  await expect(row(page, 'lost')).toHaveText('none')
  for (const name of ['roundTrip', 'jitterBuffer', 'decodeTime'])
    await expect(row(page, name)).toHaveText(/ms$/)
  expect(await stats(page).boundingBox()).toEqual(place)
  // The page reads them every 500 ms, shown or not. A timer is never early, so a busy machine makes it fewer.
  const { calls, elapsedMs } = await nextCalls(page)
  expect(calls).toBeLessThanOrEqual(elapsedMs / 500 + 2)

  await page.keyboard.press('s')
  await expect(stats(page)).toBeHidden()
})

test('the line in the corner shows the latency', async ({ page }) => {
  await page.goto(program.url)
  for (const camera of ['camera1', 'camera2'])
    await expect(page.locator(`[data-camera="${camera}"] .stats-line`)).toHaveText(
      /^640×480 · \d+ fps · (?:\d+0|under 10) ms$/,
      slow,
    )
})

test('?stats=true works without controls, and the time is requested only while the latency is shown', async ({
  page,
}) => {
  const requests: string[] = []
  page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => {
      if (String(payload).startsWith('{"time"')) requests.push(socket.url())
    }),
  )
  await page.goto(`${program.url}/camera1/?controls=false`)
  await expectState(page, 'camera1', 'live')
  await expect
    .poll(async () => await page.evaluate(() => document.querySelector('video')!.currentTime), {
      timeout: 15_000,
    })
    .toBeGreaterThan(4)
  expect(requests).toEqual([])
  await page.goto(`${program.url}/camera1/?controls=false&stats=true`)
  await expect(row(page, 'latency')).toHaveText(/^(?:\d+0|under 10) ms$/, slow)
  expect(requests.length).toBeGreaterThan(0)
})

test('the tile shows a notice while the connection is too slow for the camera', async ({ page }) => {
  let send = (_status: object): void => {}
  await page.routeWebSocket(/camera1\/ws/, (socket) => {
    socket.connectToServer()
    send = (status) => socket.send(JSON.stringify({ viewer: status }))
  })
  await page.goto(`${program.url}/camera1/?stats=true`)
  await expectState(page, 'camera1', 'live')
  const notice = page.locator('[data-camera="camera1"] .congestion')
  await expect(notice).toHaveText('')
  send({ congested: true, availableBitrateBps: 480_000 })
  await expect(notice).toHaveText(
    'Slow connection (0.5 Mbit/s available, 2.0 Mbit/s needed): frames are dropped',
  )
  await expect(notice).toHaveRole('status')
  await expect(row(page, 'bandwidth')).toHaveText('480 kbit/s')
  send({ congested: false, availableBitrateBps: 5_000_000 })
  await expect(notice).toHaveText('')
})
