import { chromium } from '@playwright/test'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chromiumOptions } from '../support/chromium.js'
import { startProgram, until, type Program } from '../support/program.js'
import { openFirefox, type Page } from './firefox.js'
import { servePages } from './pages.js'

/** Programs that others wrote, as viewers of the whole program: each has to decode whole frames of the right size. */

const FRAMES = 30
/** With 60 it lists what a minute of sound loses. */
const SOUND_SECONDS = Number(process.env['SOUND_SECONDS'] ?? 5)
const SOUND_FRAMES_PER_SECOND = 50
const SIZE = '320x240'
const run = promisify(execFile)
const opened: AsyncDisposable[] = []
const table: string[][] = [['client', 'codec', 'frames', 'what it showed']]
let program: Program
let firefox: Page
let chrome: Page

interface Heard {
  packetsReceived: number
  packetsLost: number
  totalAudioEnergy: number
  totalSamplesReceived: number
  concealedSamples: number
  concealmentEvents: number
  tracks: string[]
}

interface Decoded {
  sound?: number
  gaps?: number
  loudest?: number
  frames?: number
  size?: string
  failed?: string
  status?: number
  error?: string
  trickled?: number[]
  deleted?: number
  iceStates?: string[]
  keepAlive?: boolean
}

beforeAll(async () => {
  const camera = (number: number, codec: string): string =>
    `[camera${number}]\ndevice = "test:ball"\nwidth = 320\nheight = 240\nwebrtc-port = $PORT${number}\ncodec = "${codec}"\n`
  program = await startProgram({
    tables: `${camera(1, 'vp8')}${camera(2, 'h264')}${camera(3, 'vp8')}audio = { device = "test" }\n[webrtc]\nudp-port = $UDP\n`,
  })
  opened.push(program)
  const pages = await servePages()
  opened.push(pages)
  firefox = await openFirefox(pages.url)
  opened.push(firefox)
  chrome = await openChromium(pages.url)
  opened.push(chrome)
  await until(async () => (await program.health()).status === 'ok', 20_000)
})
afterAll(async () => {
  for (const resource of opened.reverse()) await resource[Symbol.asyncDispose]()
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)))
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  )
  process.stdout.write(`\n${lines.join('\n')}\n`)
})

async function openChromium(url: string): Promise<Page> {
  const browser = await chromium.launch(chromiumOptions)
  const page = await browser.newPage()
  await page.goto(url)
  return {
    evaluate: async (expression) => await page.evaluate(expression),
    [Symbol.asyncDispose]: async () => await browser.close(),
  }
}

type Codec = 'vp8' | 'h264'
const whep = (codec: Codec): string => `${program.url}/${codec === 'vp8' ? 'camera1' : 'camera2'}/whep`
const json = (codec: Codec): string => whep(codec).replace(/whep$/, 'webrtc')

const inPage = async (page: Page, module: string, call: string, url: string): Promise<Decoded> =>
  (await page.evaluate(
    `import('/${module}.js').then((clients) => clients.${call}(${JSON.stringify(url)}, ${FRAMES}))`,
  )) as Decoded

/** Debian's own Python, for the packages that its clients need are Debian's. */
const inPython = async (script: string, ...args: string[]): Promise<Decoded> => {
  const path = fileURLToPath(new URL(`python/${script}.py`, import.meta.url))
  const { stdout } = await run('/usr/bin/python3', [path, ...args], {
    timeout: 35_000 + SOUND_SECONDS * 1000,
  })
  return JSON.parse(stdout) as Decoded
}

const clients: Record<string, (codec: Codec) => Promise<Decoded>> = {
  'GStreamer webrtcbin, WHEP': async (codec) =>
    await inPython('gstreamer_whep', whep(codec), codec, `${FRAMES}`),
  'aiortc, WHEP': async (codec) => await inPython('aiortc_whep', whep(codec), `${FRAMES}`),
  '@eyevinn/webrtc-player in Chromium, WHEP': async (codec) =>
    await inPage(chrome, 'eyevinn', 'watchEyevinn', whep(codec)),
  'Chromium, WHEP with trickle': async (codec) => await inPage(chrome, 'clients', 'watchWhep', whep(codec)),
  'Chromium, camera-streamer JSON': async (codec) =>
    await inPage(chrome, 'clients', 'watchCameraStreamer', json(codec)),
  'Firefox, WHEP with trickle': async (codec) => await inPage(firefox, 'clients', 'watchWhep', whep(codec)),
  'Firefox, camera-streamer JSON': async (codec) =>
    await inPage(firefox, 'clients', 'watchCameraStreamer', json(codec)),
}

const decoders = Object.keys(clients).flatMap((client) =>
  (['vp8', 'h264'] as const)
    .filter((codec) => codec === 'vp8' || !client.startsWith('Firefox'))
    .map((codec) => [client, codec] as const),
)

test.each(decoders)('%s decodes %s', async (client, codec) => {
  const decoded = await clients[client]!(codec)
  const { frames = 0, size = '', iceStates = [] } = decoded
  table.push([
    client,
    codec,
    String(frames),
    decoded.failed ?? decoded.error ?? [size, ...iceStates].join(' '),
  ])
  expect(decoded).not.toHaveProperty('failed')
  expect(decoded).not.toHaveProperty('error')
  expect(frames).toBeGreaterThanOrEqual(FRAMES)
  expect(size).toBe(SIZE)
  if (decoded.trickled !== undefined) {
    expect(new Set(decoded.trickled)).toEqual(new Set([204]))
    expect(decoded.deleted).toBe(200)
  }
  if (client.includes('camera-streamer')) expect(decoded.keepAlive).toBe(false)
})

const soundFrames = SOUND_SECONDS * SOUND_FRAMES_PER_SECOND
const hearing: Record<string, (url: string) => Promise<Decoded>> = {
  aiortc: async (url) => await inPython('aiortc_whep', url, `${FRAMES}`, `${soundFrames}`),
  'GStreamer webrtcbin': async (url) =>
    await inPython('gstreamer_whep', url, 'vp8', `${FRAMES}`, `${soundFrames}`),
}

test.each(Object.keys(hearing))(
  '%s decodes sound and picture, without a gap',
  async (client) => {
    const { frames, sound, gaps, loudest, failed } = await hearing[client]!(`${program.url}/camera3/whep`)
    table.push([
      `${client}, WHEP`,
      'opus',
      String(sound),
      failed ?? `loudest sample ${loudest}, ${gaps} gaps`,
    ])
    expect(failed).toBeUndefined()
    expect(frames).toBeGreaterThanOrEqual(FRAMES)
    expect(sound).toBeGreaterThanOrEqual(soundFrames)
    expect(gaps).toBe(0)
    expect(loudest).toBeGreaterThan(5000)
  },
  60_000 + SOUND_SECONDS * 1000,
)

test.each(['Chromium', 'Firefox'])(
  '%s hears sound and sees a picture in one stream',
  async (browser) => {
    const url = `${program.url}/camera3/whep`
    const page = browser === 'Firefox' ? firefox : chrome
    const heard = (await page.evaluate(
      `import('/clients.js').then((clients) => clients.hearWhep(${JSON.stringify(url)}, ${soundFrames}))`,
    )) as Heard
    table.push([
      `${browser}, WHEP`,
      'opus',
      String(heard.packetsReceived),
      `lost ${heard.packetsLost}, concealed ${heard.concealedSamples} of ${heard.totalSamplesReceived} samples in ${heard.concealmentEvents} events`,
    ])
    expect(heard.packetsReceived).toBeGreaterThanOrEqual(soundFrames)
    expect(heard.packetsLost).toBe(0)
    expect(heard.totalAudioEnergy).toBeGreaterThan(0)
    expect(heard.tracks.sort()).toEqual(['audio', 'video'])
  },
  60_000 + SOUND_SECONDS * 1000,
)

test('Chromium decodes h264 over HTTP, as go2rtc asks for it', async () => {
  const url = `${program.url.replace('http', 'ws')}/api/ws?src=camera2`
  const { frames = 0, size = '', error } = await inPage(chrome, 'clients', 'watchMse', url)
  table.push(["Chromium, go2rtc's mse", 'h264', String(frames), error ?? size])
  expect(error).toBeUndefined()
  expect(frames).toBeGreaterThanOrEqual(FRAMES)
  expect(size).toBe(SIZE)
})

// Its H.264 comes with a plugin that Firefox downloads from its vendor: not on a machine without the internet.
test.each(['Firefox, WHEP with trickle', 'Firefox, camera-streamer JSON'])(
  '%s, which has no H.264 here, is told so by 406',
  async (client) => {
    const decoded = await clients[client]!('h264')
    table.push([client, 'h264', 'n/a', `no decoder without its plugin: ${decoded.status} ${decoded.error}`])
    expect(decoded).toMatchObject({ status: 406, error: 'no-common-codec' })
  },
)

test('Firefox decodes vp8 on our own page', async () => {
  await using page = await openFirefox(`${program.url}/camera1/`)
  const decoded = async (): Promise<Decoded> =>
    (await page.evaluate(`(async () => {
      const stats = await document.querySelector('camera-tile')?.peerConnection?.getStats()
      const { framesDecoded } = [...(stats?.values() ?? [])].find(({ type }) => type === 'inbound-rtp') ?? {}
      const video = document.querySelector('video')
      return { frames: framesDecoded, size: video?.videoWidth + 'x' + video?.videoHeight }
    })()`)) as Decoded
  await until(async () => ((await decoded()).frames ?? 0) >= FRAMES, 20_000)
  const { frames, size } = await decoded()
  table.push(['Firefox, our own page', 'vp8', String(frames), size ?? ''])
  expect(size).toBe(SIZE)
})
