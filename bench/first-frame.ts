import { chromium } from '@playwright/test'
import { fileURLToPath } from 'node:url'
import { chromiumOptions } from '../test/support/chromium.js'
import { startProgram } from '../test/support/program.js'
import { describe, summary } from './summary.js'

const ROUNDS = Number(process.env['ROUNDS'] ?? 10)
const KEYFRAME_INTERVAL = 300
/** The browser is still busy with the page before. */
const PAUSE_MS = 1500

/** The browser stands for the viewer's own machine: it must not take the server's turns away. */
const browserOptions = {
  ...chromiumOptions,
  executablePath: fileURLToPath(new URL('load/nice-chromium.sh', import.meta.url)),
}

/** What the time up to each step goes to: the browser's work, ours, or both by turns. */
const SPENT_ON: Record<string, string> = {
  document: 'browser: its process and the document; ours: the page, some milliseconds',
  'script runs': 'browser: reads the page',
  offer: 'browser: WebRTC begins, the offer is made, the WebSocket opens',
  answer: 'ours: the answer, some milliseconds; browser: the way there and back through its processes',
  ICE: 'browser: candidates and checks, and what else a page begins with',
  picture: 'ours: a picture from the camera; browser: fetches, decodes, paints',
  DTLS: 'both: three flights each, on the server some 15 ms of cold code',
  frame: 'ours: the first packet; browser: assembles, decodes, shows',
}

/** Notes when the page comes to each step, for the first of its cameras. */
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
      const look = () => firstFrames.length >= videos && resolve(firstFrames)
      addEventListener('loadeddata', look, true)
      setTimeout(() => reject(new Error('no frame within ' + limitMs + ' ms')), limitMs)
      look()
    })`

/**
 * Time from opening a page to the first picture painted in it, and to the first decoded frame of the video, in milliseconds, in a
 * fresh browser context each time. A keyframe comes by itself every 10 s only, so nearly every first one was asked for.
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
    console.log(`  the fastest, ms since the navigation began: ${stepsOf(sorted[0]!)}`)
    console.log(`  the median one: ${stepsOf(sorted[Math.floor(sorted.length / 2)]!)}`)
  }
}
await browser.close()
for (const [step, what] of Object.entries(SPENT_ON)) console.log(`up to ${step}: ${what}`)

/** Only cameras that are watched: each encoder takes its share of this machine. */
function tablesOf(codec: string, cameras: number): string {
  const tables = [1, 2]
    .slice(0, cameras)
    .map((n) => `[camera${n}]\ndevice = "test:smpte"\nwebrtc-port = $PORT${n}`)
  const video = `[video]\ncodec = "${codec}"\nkeyframe-interval = ${KEYFRAME_INTERVAL}`
  return [...tables, video, '[webrtc]\nudp-port = $UDP'].join('\n')
}

interface Opened {
  /** When the last camera had something to show: a picture, or a frame that was quicker. */
  pictureMs: number
  /** When the last video had its first frame, and when each step came, in milliseconds since the navigation began. */
  ms: number
  steps: Record<string, number>
}

/** When each step came, and how much of the whole the way to it took. */
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
  // Asked once: each question is work for the page whose time is measured.
  const ms = Math.max(...(await noted(`framesOf(${videos}, 10_000)`)))
  const pictures = await noted('pictures')
  const pictureMs = pictures.length < videos ? ms : Math.min(ms, Math.max(...pictures))
  const opened: Opened = { pictureMs, ms, steps: await page.evaluate('steps') }
  await context.close()
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  return opened
}
