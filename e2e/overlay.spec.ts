import { expect, test, type Page } from '@playwright/test'
import { startProgram, type Program } from '../test/helpers/program.js'
import { twoTestCameras } from './helpers/cameras.js'
import { expectState } from './helpers/tile.js'

let program: Program
test.beforeAll(async () => {
  program = await startProgram({ tables: twoTestCameras('vp8') })
})
test.afterAll(async () => await program[Symbol.asyncDispose]())

const stats = (page: Page, camera = 'camera1') => page.locator(`[data-camera="${camera}"] .stats`)
const row = (page: Page, name: string) => stats(page).locator(`[data-of="${name}"]`)

/** Two cameras encode and Chromium decodes on two cores: the first figures take their time. */
const slow = { timeout: 20_000 }

/** How often the page asks for the browser's statistics, which is what they cost. */
const countGetStats = `
  window.getStatsCalls = 0
  const { getStats } = RTCPeerConnection.prototype
  RTCPeerConnection.prototype.getStats = function (...all) {
    window.getStatsCalls++
    return getStats.apply(this, all)
  }`

async function callsPerSecond(page: Page): Promise<number> {
  return await page.evaluate<number>(`(async () => {
    const [calls, startMs] = [window.getStatsCalls, performance.now()]
    await new Promise((resolve) => setTimeout(resolve, 3000))
    return ((window.getStatsCalls - calls) * 1000) / (performance.now() - startMs)
  })()`)
}

test('the statistics come and go with S, tell true figures, move nothing and ask the browser no more often', async ({
  page,
}) => {
  await page.addInitScript(countGetStats)
  await page.goto(`${program.url}/camera1/`)
  await expectState(page, 'camera1', 'live')
  await expect(stats(page)).toBeHidden()
  const callsBefore = await callsPerSecond(page)

  await page.locator('[data-camera="camera1"]').focus()
  await page.keyboard.press('s')
  await expect(stats(page)).toBeVisible()
  const place = await stats(page).boundingBox()
  await expect(row(page, 'delay')).toHaveText(/^\d+ ms$/, slow)
  await expect(row(page, 'codec')).toHaveText('VP8')
  await expect(row(page, 'size')).toHaveText('640×480')
  await expect(row(page, 'fps')).toHaveText(/^(2[5-9]|3[0-5]) fps$/)
  await expect(row(page, 'bitrate')).toHaveText(/bit\/s$/)
  await expect(row(page, 'lost')).toHaveText('none')
  for (const name of ['trip', 'buffer', 'decode']) await expect(row(page, name)).toHaveText(/ms$/)
  expect(await stats(page).boundingBox()).toEqual(place)
  expect(await callsPerSecond(page)).toBeLessThan(callsBefore + 0.5)

  await page.keyboard.press('s')
  await expect(stats(page)).toBeHidden()
})

test('the corner of a tile tells the delay', async ({ page }) => {
  await page.goto(program.url)
  for (const camera of ['camera1', 'camera2'])
    await expect(page.locator(`[data-camera="${camera}"] .figures`)).toHaveText(
      /^640×480 · \d+ fps · \d+ ms$/,
      slow,
    )
})

test('?stats=true shows them without controls too, and without either nobody is asked for the time', async ({
  page,
}) => {
  const asked: string[] = []
  page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => {
      if (String(payload).startsWith('{"time"')) asked.push(socket.url())
    }),
  )
  await page.goto(`${program.url}/camera1/?controls=false`)
  await expectState(page, 'camera1', 'live')
  await expect
    .poll(async () => await page.evaluate(() => document.querySelector('video')!.currentTime), {
      timeout: 15_000,
    })
    .toBeGreaterThan(4)
  expect(asked).toEqual([])
  await page.goto(`${program.url}/camera1/?controls=false&stats=true`)
  await expect(row(page, 'delay')).toHaveText(/^\d+ ms$/, slow)
  expect(asked.length).toBeGreaterThan(0)
})

test('a connection that takes less than the camera sends is said on the tile until it has passed', async ({
  page,
}) => {
  let tell = (_status: object): void => {}
  await page.routeWebSocket(/camera1\/ws/, (socket) => {
    socket.connectToServer()
    tell = (status) => socket.send(JSON.stringify({ viewer: status }))
  })
  await page.goto(`${program.url}/camera1/?stats=true`)
  await expectState(page, 'camera1', 'live')
  const notice = page.locator('[data-camera="camera1"] .congestion')
  await expect(notice).toHaveText('')
  tell({ congested: true, estimateBps: 480_000 })
  await expect(notice).toHaveText(
    'Your connection takes 0.5 Mbit/s, the camera sends 2.0: pictures are left out',
  )
  await expect(notice).toHaveRole('status')
  await expect(row(page, 'bandwidth')).toHaveText('480 kbit/s')
  tell({ congested: false, estimateBps: 5_000_000 })
  await expect(notice).toHaveText('')
})
