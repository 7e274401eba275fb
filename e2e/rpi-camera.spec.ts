import { expect, test, type Page } from '@playwright/test'
import { startProgram, type Program } from '../test/support/program.js'
import { openOtherSite, type SeenReport } from './helpers/other-site.js'
import { barRegions, expectColours, smpteBars, type Region } from './helpers/tile.js'

/** <rpi-camera> in the pages of other sites. rpi-camera-firefox.spec.ts has the same in Firefox. */

const TOKEN = '9f86d081884c7d659a2feaa0c55ad015'
const camera = (server = '', webrtc = ''): string =>
  `${server}\n[camera1]\ndevice = "test:smpte"\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n${webrtc}`

const html = ({ url }: Program, attributes = '', id = 'one'): string =>
  `<script type="module" src="${url}/rpi-camera.js"></script>
<rpi-camera id="${id}" src="${url}/camera1" ${attributes}></rpi-camera>`

type Element = HTMLElement & {
  state: string
  src: string
  token: string
  videoWidth: number
  videoHeight: number
  peerConnection: RTCPeerConnection | null
  takePicture: () => Promise<Blob | null>
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
    const blob = await element.takePicture()
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

test('a page of another host name plays the camera, in the size of the video', async ({ page }) => {
  await using program = await startProgram({ tables: camera() })
  await using site = await openOtherSite(html(program, 'controls'))
  const errors: string[] = []
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  await page.goto(site.origin)
  await expectLive(page)
  await expect.poll(async () => await framesOf(page), { timeout: 20_000 }).toBeGreaterThan(30)
  expectColours(await coloursOf(page), smpteBars)
  const { width, height } = (await page.locator('#one').boundingBox())!
  expect([width, height]).toEqual([640, 480])
  await page.mouse.move(200, 200)
  await page.mouse.move(210, 200)
  await page.screenshot({ path: 'test-results/rpi-camera.png' })
  const reports = await reportsOf(page)
  expect(reports.filter(({ name }) => name === 'playing')).toMatchObject([
    { id: 'one', state: 'live', code: '', transport: 'webrtc' },
  ])
  expect(reports.filter(({ name }) => name === 'failed')).toEqual([])
  expect(errors).toEqual([])
})
