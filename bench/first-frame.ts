import { chromium } from '@playwright/test'
import { fileURLToPath } from 'node:url'
import { chromiumOptions } from '../test/support/chromium.js'
import { startProgram } from '../test/support/program.js'
import { describe, summary } from './summary.js'

const ROUNDS = Number(process.env['ROUNDS'] ?? 10)
const KEYFRAME_INTERVAL = 300
/** Until the browser is done with the previous page. */
const PAUSE_MS = 1500

/** The browser represents another machine, so it must not take CPU time from the server. */
const browserOptions = {
  ...chromiumOptions,
  executablePath: fileURLToPath(new URL('load/nice-chromium.sh', import.meta.url)),
}

/** Where the time before each step is spent. */
const SPENT_ON: Record<string, string> = {
  document: 'browser: process and document; ours: the page, some milliseconds',
  'script runs': 'browser: parses the page',
  offer: 'browser: WebRTC starts, creates the offer, opens the WebSocket',
  answer: 'ours: the answer, some milliseconds; browser: transfer between its processes',
  ICE: 'browser: candidates and checks, and the rest of the page load',
  picture: 'ours: a picture from the camera; browser: fetches, decodes, paints',
  DTLS: 'both: three flights each, on the server some 15 ms of cold code',
  frame: 'ours: the first packet; browser: assembles, decodes, shows',
}

/** Records when the first camera of the page reaches each step. */
const NOTE_STEPS = `
  window.steps = {}
  const note = (step) => (steps[step] ??= performance.now())
  note('document')
  const Peer = window.RTCPeerConnection
  window.RTCPeerConnection = class extends Peer {
    constructor(...settings) {
      note('script runs')
      super(...settings)
      this.addEventListener('iceconnectionstatechange', () => this.iceConnectionState === 'connected' && note('ICE'))
      this.addEventListener('connectionstatechange', () => this.connectionState === 'connected' && note('DTLS'))
    }
    async setRemoteDescription(answer) {
      note('answer')
      return await super.setRemoteDescription(answer)
    }
  }
  const { send } = WebSocket.prototype
  WebSocket.prototype.send = function (text) {
    if (text.includes('"offer"')) note('offer')
    send.call(this, text)
  }
  window.pictures = []
  const { createElement } = Document.prototype
  Document.prototype.createElement = function (...about) {
    const element = createElement.apply(this, about)
    if (element instanceof HTMLImageElement) element.setAttribute('elementtiming', 'picture')
    return element
  }
  const painted = ({ renderTime }) => ((steps.picture ??= renderTime), pictures.push(renderTime))
  new PerformanceObserver((list) => list.getEntries().forEach(painted)).observe({ type: 'element' })
  window.firstFrames = []
  addEventListener('loadeddata', () => (note('frame'), firstFrames.push(performance.now())), true)
  window.framesOf = (videos, limitMs) =>
    new Promise((resolve, reject) => {
      const check = () => firstFrames.length >= videos && resolve(firstFrames)
      addEventListener('loadeddata', check, true)
      setTimeout(() => reject(new Error('no frame within ' + limitMs + ' ms')), limitMs)
      check()
    })`

/**
 * Milliseconds from opening a page to the first painted snapshot, and to the first decoded frame of the video, each time in a new
 * browser context. Keyframes are 10 s apart, so nearly every first frame was requested.
 */
const browser = await chromium.launch(browserOptions)
console.log(describe())
for (const codec of ['vp8', 'h264']) {
  for (const cameras of [1, 2]) {
    await using program = await startProgram({ tables: tablesOf(codec, cameras) })
    const path = cameras === 1 ? '/camera1/' : '/'
    const rounds: Opened[] = []
    for (let round = 0; round < ROUNDS; round++) rounds.push(await openOnce(program.url + path, cameras))
    const page = `${codec} ${path.padEnd(9)} page open to`
    console.log(`${page} first picture, ms: ${summary(rounds.map(({ pictureMs }) => pictureMs))}`)
    console.log(`${page} first frame, ms: ${summary(rounds.map(({ ms }) => ms))}`)
    const sorted = [...rounds].sort((a, b) => a.ms - b.ms)
    console.log(`  the fastest, ms since navigation start: ${stepsOf(sorted[0]!)}`)
    console.log(`  the median one: ${stepsOf(sorted[Math.floor(sorted.length / 2)]!)}`)
  }
}
await browser.close()
for (const [step, what] of Object.entries(SPENT_ON)) console.log(`up to ${step}: ${what}`)

/** Only cameras with a viewer, because every encoder uses CPU time. */
function tablesOf(codec: string, cameras: number): string {
  const tables = [1, 2]
    .slice(0, cameras)
    .map((n) => `[camera${n}]\ndevice = "test:smpte"\nwebrtc-port = $PORT${n}`)
  const video = `[video]\ncodec = "${codec}"\nkeyframe-interval = ${KEYFRAME_INTERVAL}`
  return [...tables, video, '[webrtc]\nudp-port = $UDP'].join('\n')
}

interface Opened {
  /** When the last camera showed a snapshot or a frame. */
  pictureMs: number
  /** When the last video had its first frame; this and the steps in milliseconds since navigation start. */
  ms: number
  steps: Record<string, number>
}

/** The time of each step, and its share of the total. */
function stepsOf({ ms, steps }: Opened): string {
  const inOrder = Object.entries(steps).sort(([, a], [, b]) => a - b)
  return inOrder
    .map(([step, at], i) => {
      const share = (at - (inOrder[i - 1]?.[1] ?? 0)) / ms
      return `${step} ${Math.round(at)} (${Math.round(100 * share)} %)`
    })
    .join(', ')
}

async function openOnce(url: string, videos: number): Promise<Opened> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.addInitScript(NOTE_STEPS)
  await page.goto(url)
  const noted = async (what: string): Promise<number[]> => await page.evaluate(what)
  // One call, because each is work for the measured page.
  const ms = Math.max(...(await noted(`framesOf(${videos}, 10_000)`)))
  const pictures = await noted('pictures')
  const pictureMs = pictures.length < videos ? ms : Math.min(ms, Math.max(...pictures))
  const opened: Opened = { pictureMs, ms, steps: await page.evaluate('steps') }
  await context.close()
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  return opened
}
