import { chromium } from '@playwright/test'
import { fileURLToPath } from 'node:url'
import { chromiumOptions } from '../test/support/chromium.js'
import { startProgram, until } from '../test/support/program.js'

/** Takes the screenshots of README: the page on a desktop, and on a phone with a lost camera. */
const shots = [
  {
    file: 'desktop.png',
    viewport: { width: 1280, height: 720 },
    colorScheme: 'dark',
    camera2: 'test:smpte',
    deviceScaleFactor: 1,
  },
  {
    file: 'phone.png',
    viewport: { width: 390, height: 720 },
    colorScheme: 'dark',
    camera2: '/dev/video99',
    deviceScaleFactor: 2,
  },
] as const

const browser = await chromium.launch(chromiumOptions)
for (const { file, camera2, ...view } of shots) {
  await using program = await startProgram({
    tables: `[camera1]\nname = "Printer"\ndevice = "test:smpte"\nwidth = 1280\nheight = 720\nwebrtc-port = $PORT1
[camera2]\nname = "Workshop"\ndevice = "${camera2}"\nwidth = 1280\nheight = 720\nwebrtc-port = $PORT2\n[webrtc]\nudp-port = $UDP`,
  })
  const page = await browser.newPage(view)
  await page.goto(program.url)
  const states = async (): Promise<string> =>
    await page.evaluate(
      `[...document.querySelectorAll('camera-tile')].map((tile) => tile.dataset.state).join(' ')`,
    )
  await until(
    async () => (await states()) === (camera2 === '/dev/video99' ? 'live lost' : 'live live'),
    15_000,
  )
  await page.mouse.move(1, 1)
  await new Promise((resolve) => setTimeout(resolve, 3000)) // statistics settle, controls fade out
  await page.screenshot({ path: fileURLToPath(new URL(`screenshots/${file}`, import.meta.url)) })
  await page.close()
}
await browser.close()
