import { chromium } from '@playwright/test'
import { fileURLToPath } from 'node:url'
import { chromiumOptions } from '../test/support/chromium.js'
import { startProgram, until } from '../test/support/program.js'
import { inbound } from './inbound.js'
import { inOwnNetwork, losePackets } from './load/own-network.js'
import { describe } from './summary.js'

const SECONDS = Number(process.env['DURATION_S'] ?? 60)
const LOSS_PERCENT = Number(process.env['LOSS'] ?? 5)

/** Removes RTX from the offers of the page. */
const WITHOUT_RTX = `
  const send = WebSocket.prototype.send
  WebSocket.prototype.send = function (text) { send.call(this, text.replaceAll(' rtx/90000', ' none/90000')) }`

/** The longest time between two displayed frames, also if Chromium does not count a freeze. */
const WATCH_GAPS = `
  window.longestGapMs = 0
  addEventListener('loadeddata', ({ target: video }) => {
    let last
    const shown = (_now, { presentationTime }) => {
      if (last !== undefined) longestGapMs = Math.max(longestGapMs, presentationTime - last)
      last = presentationTime
      video.requestVideoFrameCallback(shown)
    }
    video.requestVideoFrameCallback(shown)
  }, { capture: true, once: true })`

/** The first case is the baseline of the machine. */
const CASES = [
  { name: 'no loss', lossPercent: 0, script: '' },
  { name: 'RTX on', lossPercent: LOSS_PERCENT, script: '' },
  { name: 'RTX off', lossPercent: LOSS_PERCENT, script: WITHOUT_RTX },
]

const COUNTED = [
  'framesDecoded',
  'freezeCount',
  'packetsLost',
  'nackCount',
  'retransmittedPacketsReceived',
  'pliCount',
]

/** Freezes of a viewer on a path that loses packets in both directions, with RTX (RFC 4588) and with plain retransmission. */
async function measure(): Promise<void> {
  console.log(describe())
  const browser = await chromium.launch(chromiumOptions)
  for (const codec of ['vp8', 'h264']) {
    await using program = await startProgram({
      tables: `[camera1]\ndevice = "test:smpte"\nwebrtc-port = $PORT1\n[video]\ncodec = "${codec}"\nkeyframe-interval = 300\n[webrtc]\nudp-port = $UDP`,
    })
    for (const { name, lossPercent, script } of CASES) {
      losePackets(program.udpPort, lossPercent)
      const page = await browser.newPage()
      await page.addInitScript(WATCH_GAPS + script)
      await page.goto(`${program.url}/camera1/`)
      await until(async () => (await inbound(page))['framesDecoded'] !== undefined, 20_000)
      await page.evaluate('longestGapMs = 0')
      const before = await inbound(page)
      await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000))
      const after = await inbound(page)
      const grown = (figure: string): number => (after[figure] ?? 0) - (before[figure] ?? 0)
      const line = COUNTED.map((figure) => `${figure} ${grown(figure)}`).join(', ')
      const gapMs: number = await page.evaluate('longestGapMs')
      console.log(
        `${codec}, ${lossPercent} % lost each way, ${name}, ${SECONDS} s: ${line}, ` +
          `totalFreezesDuration ${grown('totalFreezesDuration').toFixed(2)} s, longest gap ${Math.round(gapMs)} ms`,
      )
      await page.close()
    }
  }
  await browser.close()
}

await inOwnNetwork(fileURLToPath(import.meta.url), measure)
