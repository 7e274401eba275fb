import { expect, type Page } from '@playwright/test'

/** The counters of one camera's received video (W3C webrtc-stats, RTCInboundRtpStreamStats). */
export interface Received {
  framesDecoded: number
  framesDropped: number
  freezeCount: number
  packetsLost: number
  codec: string
  frameWidth: number
  frameHeight: number
}

type Tile = HTMLElement & { peerConnection: RTCPeerConnection | null }

export async function expectState(
  page: Page,
  camera: string,
  state: string,
  timeout = 15_000,
): Promise<void> {
  await expect(page.locator(`[data-camera="${camera}"]`)).toHaveAttribute('data-state', state, { timeout })
}

export async function received(page: Page, camera: string): Promise<Received> {
  return await page.evaluate(async (key) => {
    const tile = document.querySelector<Tile>(`[data-camera="${key}"]`)
    const stats = await tile?.peerConnection?.getStats()
    const all = [...(stats?.values() ?? [])] as Record<string, unknown>[]
    const inbound = all.find((entry) => entry['type'] === 'inbound-rtp' && entry['kind'] === 'video') ?? {}
    const codec = all.find((entry) => entry['id'] === inbound['codecId'])
    const number = (name: string): number => Number(inbound[name] ?? 0)
    return {
      framesDecoded: number('framesDecoded'),
      framesDropped: number('framesDropped'),
      freezeCount: number('freezeCount'),
      packetsLost: number('packetsLost'),
      codec: typeof codec?.['mimeType'] === 'string' ? codec['mimeType'] : '',
      frameWidth: number('frameWidth'),
      frameHeight: number('frameHeight'),
    }
  }, camera)
}

/** More than a second of frames are decoded. */
export async function expectPicture(page: Page, camera: string): Promise<void> {
  await expectState(page, camera, 'live')
  await expect.poll(async () => (await received(page, camera)).framesDecoded).toBeGreaterThan(20)
}

/** A part of the video, as fractions of its width and height. */
export interface Region {
  x: number
  y: number
  width: number
  height: number
}

/** The mean colour of each region in the current frame. */
export async function meanColours(
  page: Page,
  camera: string,
  regions: Region[],
): Promise<[number, number, number][]> {
  return await page.evaluate(
    ([key, wanted]) => {
      const video = document.querySelector<HTMLVideoElement>(`[data-camera="${key}"] video`)!
      const canvas = document.createElement('canvas')
      canvas.width = video.videoWidth
      canvas.height = video.videoHeight
      const context = canvas.getContext('2d', { willReadFrequently: true })!
      context.drawImage(video, 0, 0)
      return wanted.map(({ x, y, width, height }): [number, number, number] => {
        const pixels = context.getImageData(
          Math.round(x * canvas.width),
          Math.round(y * canvas.height),
          Math.max(1, Math.round(width * canvas.width)),
          Math.max(1, Math.round(height * canvas.height)),
        ).data
        const sum: [number, number, number] = [0, 0, 0]
        for (let i = 0; i < pixels.length; i += 4) for (let c = 0; c < 3; c++) sum[c]! += pixels[i + c]!
        return sum.map((value) => Math.round(value / (pixels.length / 4))) as [number, number, number]
      })
    },
    [camera, regions] as const,
  )
}

/** A fingerprint of the pixels of one region: it changes when something in it moves. */
export async function pixelsOf(page: Page, camera: string, { x, y, width, height }: Region): Promise<string> {
  return await page.evaluate(
    ([key, region]) => {
      const video = document.querySelector<HTMLVideoElement>(`[data-camera="${key}"] video`)!
      const canvas = document.createElement('canvas')
      canvas.width = 64
      canvas.height = 16
      const [w, h] = [video.videoWidth, video.videoHeight]
      const context = canvas.getContext('2d')!
      context.drawImage(video, region.x * w, region.y * h, region.width * w, region.height * h, 0, 0, 64, 16)
      // Eight levels of brightness: coding noise is not movement, black text on white is.
      const pixels = context.getImageData(0, 0, 64, 16).data
      return Array.from(pixels, (value, i) => (i % 4 === 1 ? value >> 5 : '')).join('')
    },
    [camera, { x, y, width, height }] as const,
  )
}

/** SMPTE bars of videotestsrc: seven columns in the upper two thirds, as RGB. */
export const smpteBars: [number, number, number][] = [
  [255, 255, 255],
  [255, 255, 0],
  [0, 255, 255],
  [0, 255, 0],
  [255, 0, 255],
  [255, 0, 0],
  [0, 0, 255],
]

/** The middle of each bar, well below the tile's badge. */
export const barRegions: Region[] = smpteBars.map((_, i) => ({
  x: (i + 0.35) / 7,
  y: 0.3,
  width: 0.3 / 7,
  height: 0.2,
}))

/** Coding and colour conversion move a channel by some tens; another bar's colour is 255 away in one of them. */
export function expectColours(actual: [number, number, number][], wanted: [number, number, number][]): void {
  const close = actual.map((colour, i) => colour.every((value, c) => Math.abs(value - wanted[i]![c]!) < 60))
  expect(close, `colours ${JSON.stringify(actual)} instead of ${JSON.stringify(wanted)}`).toEqual(
    wanted.map(() => true),
  )
}

/** Holds back every file that the page requests. @returns a function that releases them. */
export async function holdAssets(page: Page): Promise<() => void> {
  let release = (): void => {}
  const released = new Promise<void>((resolve) => (release = resolve))
  await page.route('**/assets/**', async (route) => {
    await released
    await route.continue()
  })
  return () => release()
}
