import { expect, test } from '@playwright/test'
import { openFirefox } from '../test/interop/firefox.js'
import { startProgram, type Program } from '../test/support/program.js'
import { openOtherSite, type SeenReport } from './helpers/other-site.js'
import { barRegions, expectColours, smpteBars } from './helpers/tile.js'

/** <rpi-camera> in Firefox. rpi-camera.spec.ts has more cases, in Chromium. */

const TOKEN = '9f86d081884c7d659a2feaa0c55ad015'

/** Runs in the page: the decoded frames and the mean colours of a picture that the element has taken. */
const sampled = `(async () => {
  const element = document.getElementById('one')
  const stats = [...((await element.peerConnection?.getStats())?.values() ?? [])]
  const framesDecoded = stats.find(({ type }) => type === 'inbound-rtp')?.framesDecoded ?? 0
  const bitmap = await createImageBitmap(await element.snapshot())
  const { width, height } = bitmap
  const context = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d')
  context.drawImage(bitmap, 0, 0)
  const colours = ${JSON.stringify(barRegions)}.map(({ x, y, width: w, height: h }) => {
    const { data } = context.getImageData(x * width, y * height, Math.ceil(w * width), Math.ceil(h * height))
    return [0, 1, 2].map((c) => data.filter((_, i) => i % 4 === c).reduce((sum, value) => sum + value, 0) / (data.length / 4))
  })
  const { width: boxWidth, height: boxHeight } = element.getBoundingClientRect()
  return { framesDecoded, colours, box: [boxWidth, boxHeight] }
})()`

interface Seen {
  framesDecoded: number
  colours: [number, number, number][]
  box: number[]
}

test('Firefox: a page of another origin plays the camera with the token, and another one is refused', async () => {
  const running = { url: '' }
  const body = (): string => `<script type="module" src="${running.url}/rpi-camera.js"></script>
<rpi-camera id="one" src="${running.url}/camera1" token="${TOKEN}" controls></rpi-camera>`
  await using site = await openOtherSite(body)
  await using server = await startProgram({
    tables: `token = "${TOKEN}"\nallow-origins = ["${site.samesiteOrigin}"]
[camera1]\ndevice = "test:smpte"\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n`,
  })
  running.url = server.url
  await using page = await openFirefox(site.samesiteOrigin)
  const stateOf = async (): Promise<unknown> => await page.evaluate(`document.getElementById('one').state`)
  await expect.poll(stateOf, { timeout: 30_000 }).toBe('live')
  await expect
    .poll(async () => ((await page.evaluate(sampled)) as Seen).framesDecoded, { timeout: 20_000 })
    .toBeGreaterThan(30)
  const { colours, box } = (await page.evaluate(sampled)) as Seen
  expectColours(colours, smpteBars)
  expect(box).toEqual([640, 480])
  const headers = { authorization: `Bearer ${TOKEN}` }
  const viewers = async (): Promise<number> => {
    const health = (await (await fetch(`${server.url}/health`, { headers })).json()) as Awaited<
      ReturnType<Program['health']>
    >
    return health.cameras['camera1']!.viewers
  }
  expect(await viewers()).toBe(1)
  await page.evaluate(`(document.getElementById('one').remove(), null)`)
  await expect.poll(viewers, { timeout: 5000 }).toBe(0)

  await using other = await openFirefox(site.origin)
  const failed = `reports.find(({ name }) => name === 'failed') ?? null`
  await expect
    .poll(async () => ((await other.evaluate(failed)) as SeenReport | null)?.code, { timeout: 20_000 })
    .toBe('origin-not-allowed')
  expect(await viewers()).toBe(0)
})
