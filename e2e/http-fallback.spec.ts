import { expect, test, type Page } from '@playwright/test'
import { startProgram, type Program } from '../test/support/program.js'
import { canBlock, openBlockedNetwork, type BlockedNetwork } from './helpers/blocked-network.js'
import { barRegions, expectColours, expectState, meanColours, received, smpteBars } from './helpers/tile.js'

test.skip(!canBlock, 'it needs root, to drop packets in a network namespace')

const camera = (codec: string): string =>
  `[camera1]\ndevice = "test:smpte"\nwebrtc-port = $PORT1\n[video]\ncodec = "${codec}"\n[webrtc]\nudp-port = $UDP\nmax-clients = 1\n`

const start = async (network: BlockedNetwork, codec: string): Promise<Program> =>
  await startProgram({ tables: camera(codec), bindIp: '0.0.0.0', through: network.enter })

interface Shown {
  /** When a frame was displayed, by the element on top of the tile. */
  frames: { atMs: number; by: 'http' | 'webrtc' }[]
  /** Whether the video of WebRTC had a frame when it came to be on top. */
  hadFrame: boolean[]
}

/** Notes every displayed frame and every change between the two elements, from the first script on. */
async function watchFrames(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const shown: Shown = { frames: [], hadFrame: [] }
    Object.assign(window, { shown })
    const followed = new WeakSet<Element>()
    const follow = (video: HTMLVideoElement): void => {
      if (followed.has(video)) return
      followed.add(video)
      const isHttp = video.className === 'http-picture'
      const next = (): void =>
        void video.requestVideoFrameCallback((_now, { width }) => {
          next()
          // Chromium gives the track of a failed connection a black frame of 2x2, which the page does not show.
          if (!isHttp && (width < 16 || document.querySelector('.http-picture') !== null)) return
          shown.frames.push({ atMs: performance.now(), by: isHttp ? 'http' : 'webrtc' })
        })
      next()
    }
    new MutationObserver((changes) => {
      document.querySelectorAll<HTMLVideoElement>('camera-tile video').forEach(follow)
      const removed = changes.flatMap(({ removedNodes }) => [...removedNodes])
      if (!removed.some((node) => node instanceof Element && node.className === 'http-picture')) return
      const video = document.querySelector<HTMLVideoElement>('camera-tile video')!
      shown.hadFrame.push(video.readyState >= 2 && video.videoWidth > 0)
    }).observe(document, { childList: true, subtree: true })
  })
}

const shownBy = async (page: Page): Promise<Shown> =>
  await page.evaluate(() => (window as unknown as { shown: Shown }).shown)

const countOf = async (page: Page, by: 'http' | 'webrtc'): Promise<number> =>
  (await shownBy(page)).frames.filter((frame) => frame.by === by).length

/** The mean colours of the picture over HTTP, which the helpers for the video of WebRTC do not see. */
async function httpColours(page: Page): Promise<[number, number, number][]> {
  await page.evaluate(() => {
    const source = document.querySelector<HTMLVideoElement | HTMLImageElement>('.http-picture')!
    const [width, height] =
      source instanceof HTMLImageElement
        ? [source.naturalWidth, source.naturalHeight]
        : [source.videoWidth, source.videoHeight]
    const still = Object.assign(document.createElement('canvas'), { width, height })
    still.getContext('2d')!.drawImage(source, 0, 0)
    const copy = document.createElement('div')
    copy.dataset['camera'] = 'copy'
    copy.append(document.createElement('video'))
    document.body.append(copy)
    const video = copy.firstElementChild as HTMLVideoElement
    video.srcObject = still.captureStream()
    void video.play()
  })
  await page.waitForFunction(
    () => document.querySelector<HTMLVideoElement>('[data-camera="copy"] video')!.videoWidth > 0,
  )
  const colours = await meanColours(page, 'copy', barRegions)
  await page.evaluate(() => document.querySelector('[data-camera="copy"]')!.remove())
  return colours
}

/** For the report: when each path was on, and the longest time without a new frame around the change. */
const report = async (page: Page, title: string, fromMs: number): Promise<void> => {
  const { frames } = await shownBy(page)
  const later = frames.filter(({ atMs }) => atMs >= fromMs)
  const change = later.findIndex(({ by }, i) => i > 0 && by !== later[i - 1]!.by)
  const gapMs = change < 0 ? NaN : later[change]!.atMs - later[change - 1]!.atMs
  console.log(
    `${title}: first frame after ${((later[0]?.atMs ?? NaN) - fromMs).toFixed(0)} ms, ` +
      `other path after ${change < 0 ? 'never' : (later[change]!.atMs - fromMs).toFixed(0)} ms, gap ${gapMs.toFixed(0)} ms`,
  )
}

const nowIn = async (page: Page): Promise<number> => await page.evaluate(() => performance.now())

test('without UDP and TCP an H.264 camera plays over HTTP, and over WebRTC when the block is lifted', async () => {
  await using network = await openBlockedNetwork()
  await using program = await start(network, 'h264')
  network.block(program.udpPort)
  const page = await network.browser.newPage()
  await watchFrames(page)
  await page.goto(`http://${network.address}:${program.webPort}/camera1/?stats=true`)
  await expectState(page, 'camera1', 'live')
  await expect.poll(async () => await countOf(page, 'http'), { timeout: 20_000 }).toBeGreaterThan(60)
  expect(await countOf(page, 'webrtc')).toBe(0)
  await report(page, 'blocked', 0)
  expectColours(await httpColours(page), smpteBars)
  await expect(page.locator('.congestion')).toContainText('over HTTP')
  await expect(page.locator('[data-stat="path"]')).toHaveText('HTTP')
  await expect(page.locator('[data-stat="codec"]')).toHaveText('H.264')
  await expect(page.locator('[data-stat="resolution"]')).toHaveText('640×480')

  // Long enough for some attempts to fail.
  await expect.poll(async () => await countOf(page, 'http'), { timeout: 40_000 }).toBeGreaterThan(400)
  await expectState(page, 'camera1', 'live')
  const liftedMs = await nowIn(page)
  network.unblock()
  await expect.poll(async () => await countOf(page, 'webrtc'), { timeout: 20_000 }).toBeGreaterThan(60)
  await report(page, 'lifted', liftedMs)
  expect((await shownBy(page)).hadFrame).toEqual([true])
  expect((await received(page, 'camera1')).framesDecoded).toBeGreaterThan(30)
  expectColours(await meanColours(page, 'camera1', barRegions), smpteBars)
  await expect(page.locator('.congestion')).toHaveText('')
  await expect(page.locator('[data-stat="path"]')).toHaveText('direct')
})

test('a video over WebRTC that is cut off goes on over HTTP, and comes back', async () => {
  await using network = await openBlockedNetwork()
  await using program = await start(network, 'h264')
  const page = await network.browser.newPage()
  await watchFrames(page)
  await page.goto(`http://${network.address}:${program.webPort}/camera1/`)
  await expect.poll(async () => await countOf(page, 'webrtc'), { timeout: 20_000 }).toBeGreaterThan(60)
  const blockedMs = await nowIn(page)
  network.block(program.udpPort)
  await expect.poll(async () => await countOf(page, 'http'), { timeout: 30_000 }).toBeGreaterThan(60)
  await report(page, 'cut off', blockedMs)
  const liftedMs = await nowIn(page)
  network.unblock()
  const before = await countOf(page, 'webrtc')
  await expect
    .poll(async () => await countOf(page, 'webrtc'), { timeout: 20_000 })
    .toBeGreaterThan(before + 60)
  await report(page, 'lifted', liftedMs)
  expect((await shownBy(page)).hadFrame).toEqual([true])
})

test('without UDP and TCP a VP8 camera shows JPEGs, and WebRTC when the block is lifted', async () => {
  await using network = await openBlockedNetwork()
  await using program = await start(network, 'vp8')
  network.block(program.udpPort)
  const page = await network.browser.newPage()
  await watchFrames(page)
  await page.goto(`http://${network.address}:${program.webPort}/camera1/?stats=true`)
  await expectState(page, 'camera1', 'live')
  expectColours(await httpColours(page), smpteBars)
  const picture = async (): Promise<string> =>
    await page.evaluate(() => {
      const image = document.querySelector<HTMLImageElement>('img.http-picture')!
      const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 })
      canvas.getContext('2d')!.drawImage(image, 0, 0, 320, 240)
      return canvas.toDataURL()
    })
  const first = await picture()
  await expect.poll(picture, { timeout: 10_000 }).not.toBe(first) // the clock in the picture
  await expect(page.locator('[data-stat="path"]')).toHaveText('HTTP')
  network.unblock()
  await expect.poll(async () => await countOf(page, 'webrtc'), { timeout: 20_000 }).toBeGreaterThan(30)
  expect((await shownBy(page)).hadFrame).toEqual([true])
  await expect(page.locator('.http-picture')).toHaveCount(0)
})

test('a browser whose WebRTC lacks H.264 plays over HTTP, and does not try again', async ({ page }) => {
  await using program = await startProgram({ tables: camera('h264') })
  await watchFrames(page)
  await page.addInitScript(() => {
    const codecs = RTCRtpReceiver.getCapabilities('video')!.codecs
    window.RTCPeerConnection = class extends RTCPeerConnection {
      override addTransceiver(...how: Parameters<RTCPeerConnection['addTransceiver']>): RTCRtpTransceiver {
        const transceiver = super.addTransceiver(...how)
        transceiver.setCodecPreferences(codecs.filter(({ mimeType }) => !/H264/i.test(mimeType)))
        return transceiver
      }
    }
  })
  await page.goto(`${program.url}/camera1/?stats=true`)
  await expect.poll(async () => await countOf(page, 'http'), { timeout: 20_000 }).toBeGreaterThan(60)
  expectColours(await httpColours(page), smpteBars)
  await expect(page.locator('.congestion')).toContainText('cannot decode')
  expect((await program.health()).cameras['camera1']).toMatchObject({ viewers: 1 })
})
