import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { chromium } from '@playwright/test'
import { chromiumOptions } from '../support/chromium.js'
import { until } from '../support/program.js'

/** What page/seen.js returns. */
interface Seen {
  frames: number
  codec: string
  size: string
  /** How many different colours a grid of points of the picture has: a test picture has bars, a black one has 1. */
  colours: number
}

export interface Watched extends Seen {
  /** From the request of the page to the first decoded frame. */
  firstS: number
}

/** Opens the page in this machine's Chromium, and waits until it has decoded frames. @param screenshot a file. */
export async function watchPage(
  url: string,
  frames: number,
  limitS: number,
  screenshot: string,
): Promise<Watched> {
  const script = await readFile(fileURLToPath(new URL('page/seen.js', import.meta.url)), 'utf8')
  const browser = await chromium.launch(chromiumOptions)
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    await page.addInitScript(script)
    const begunMs = performance.now()
    let firstS = 0
    await page.goto(url, { timeout: limitS * 1000 })
    let seen: Seen = { frames: 0, codec: '', size: '', colours: 0 }
    await until(async () => {
      seen = await page.evaluate<Seen>('seen("camera1")')
      if (firstS === 0 && seen.frames > 0) firstS = (performance.now() - begunMs) / 1000
      return seen.frames >= frames
    }, limitS * 1000)
    await page.screenshot({ path: screenshot })
    return { ...seen, firstS }
  } finally {
    await browser.close()
  }
}
