import { chromium, type Page } from '@playwright/test'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromiumOptions } from '../test/support/chromium.js'
import { clockCamera, clockTables } from '../test/fakes/clock-camera.js'
import { pictureAges } from '../test/fakes/picture-clock.js'
import { startProgram } from '../test/support/program.js'
import { inOwnNetwork, losePackets } from './load/own-network.js'
import { describe, summary } from './summary.js'

const SECONDS = Number(process.env['SECONDS'] ?? 30)
/** Of the datagrams between program and browser, each way. With more than 0 it needs root. */
const LOSS_PERCENT = Number(process.env['LOSS'] ?? 0)
/** One of the names below; all of them unless told. */
const CASE = process.env['CASE']
/** What arrives before a browser plays is heard late at first: it speeds the sound up until that is gone. */
const SETTLE_MS = 12_000
/** From 1900, the epoch of NTP, to 1970. */
const NTP_TO_UNIX_MS = 2_208_988_800_000

const SOUND = 'audio = { device = "test" }'
/** Browsers play the tracks of one stream together, unless the playout delay of the video is fixed. */
const OWN_STREAM = `
  const apply = RTCPeerConnection.prototype.setRemoteDescription
  RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp }) {
    return apply.call(this, { type, sdp: sdp.replace('a=msid:camera1 camera1-audio', 'a=msid:sound camera1-audio') })
  }`
/** The server writes a playout delay of 0 where the offer has the header extension. */
const NO_PLAYOUT_DELAY = String.raw`
  const send = WebSocket.prototype.send
  WebSocket.prototype.send = function (text) {
    return send.call(this, text.replace(/a=extmap:\d+ [^\\]*playout-delay\\r\\n/g, ''))
  }`

const CASES = [
  { name: 'no sound', audio: '', script: '' },
  { name: 'one stream', audio: SOUND, script: '' },
  { name: 'two streams', audio: SOUND, script: OWN_STREAM },
  { name: 'one stream, without a playout delay', audio: SOUND, script: NO_PLAYOUT_DELAY },
]

interface Played {
  /** Of Date.now(). */
  nowMs: number
  /** The time of the sender that is heard now (W3C webrtc-stats, estimatedPlayoutTimestamp); absent for a stream of its own. */
  audioMs: number | undefined
  /** Sums since the start, in seconds and samples. */
  bufferedS: number
  emitted: number
  concealed: number
}

async function played(page: Page): Promise<Played> {
  return await page.evaluate(`(async () => {
    const report = await document.querySelector('camera-tile')?.peerConnection?.getStats()
    const stats = [...(report?.values() ?? [])]
    const audio = stats.find(({ type, kind }) => type === 'inbound-rtp' && kind === 'audio') ?? {}
    return {
      nowMs: Date.now(),
      audioMs: audio.estimatedPlayoutTimestamp,
      bufferedS: audio.jitterBufferDelay ?? 0,
      emitted: audio.jitterBufferEmittedCount ?? 0,
      concealed: audio.concealedSamples ?? 0,
    }
  })()`)
}

const unixMs = (ms: number): number => (ms > 3_000_000_000_000 ? ms - NTP_TO_UNIX_MS : ms)

/**
 * What sound does to the delay of the picture in Chromium, and how far apart both are: the picture by the clock in its pixels, the sound by
 * the browser's own estimate. Program and browser run on one machine, with one clock.
 */
async function measure(): Promise<void> {
  console.log(describe())
  const registry = join(tmpdir(), `rpi-webrtc-sound-${process.pid}.bin`)
  const browser = await chromium.launch({
    ...chromiumOptions,
    args: [...chromiumOptions.args, '--autoplay-policy=no-user-gesture-required'],
  })
  for (const { name, audio, script } of CASES) {
    if (CASE !== undefined && CASE !== name) continue
    const tables = clockTables('vp8').replace('[video]', `${audio}\n[video]`)
    await using program = await startProgram({ tables, env: clockCamera(registry) })
    if (LOSS_PERCENT > 0) losePackets(program.udpPort, LOSS_PERCENT)
    const page = await browser.newPage()
    if (script !== '') await page.addInitScript(script)
    await page.goto(`${program.url}/camera1/`)
    await page.locator('camera-tile[data-state=live]').waitFor()
    await page.evaluate(`document.querySelector('video').muted = false`)
    await page.waitForTimeout(SETTLE_MS)
    const first = await played(page)
    const seen: number[] = []
    const heard: number[] = []
    const apart: number[] = []
    for (let second = 0; second < SECONDS; second++) {
      const seenMs = (await pictureAges(page, 'camera1', 1000)).displayed
      seen.push(seenMs)
      const { nowMs, audioMs } = await played(page)
      if (audioMs === undefined) continue
      heard.push(nowMs - unixMs(audioMs))
      apart.push(nowMs - unixMs(audioMs) - seenMs)
    }
    const last = await played(page)
    console.log(`${name}: age of the picture, ms: ${summary(seen)}`)
    if (heard.length > 0) {
      console.log(`${name}: age of the sound, ms: ${summary(heard)}`)
      console.log(`${name}: sound behind the picture, ms: ${summary(apart)}`)
    }
    const samples = last.emitted - first.emitted
    if (samples > 0) {
      const bufferMs = ((last.bufferedS - first.bufferedS) / samples) * 1000
      const concealed = ((last.concealed - first.concealed) / samples) * 100
      console.log(
        `${name}: ${bufferMs.toFixed(0)} ms in the jitter buffer of the sound, ${concealed.toFixed(2)} % concealed`,
      )
    }
    await page.close()
  }
  await browser.close()
  rmSync(registry, { force: true })
}

if (LOSS_PERCENT > 0) await inOwnNetwork(fileURLToPath(import.meta.url), measure)
else await measure()
