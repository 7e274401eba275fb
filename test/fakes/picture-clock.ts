import type { Page } from '@playwright/test'
import { readFile } from 'node:fs/promises'
import { hrtime } from 'node:process'

/** How old pictures were, by the clock in their pixels, in milliseconds. */
export interface PictureAges {
  /** When the browser expected to display them: what a person sees. */
  displayed: number
  /** When a script had their pixels in its hands: knows nothing of what the browser expects. */
  read: number
  pictures: number
  /** Pictures whose clock could not be read. */
  unreadable: number
}

interface SeenPicture {
  capturedMs: number | null
  displayedMs: number
  readMs: number
}

/** The medians over every picture that the page presents in so long. */
export async function pictureAges(page: Page, camera: string, forMs: number): Promise<PictureAges> {
  const script = await readFile(new URL('picture-clock-page.js', import.meta.url), 'utf8')
  await page.evaluate(script)
  const offsetMs = await monotonicOffsetMs(page)
  const seen: SeenPicture[] = await page.evaluate(`watchPictures(${JSON.stringify(camera)}, ${forMs})`)
  const readable = seen.filter(({ capturedMs }) => capturedMs !== null)
  const age = (which: 'displayedMs' | 'readMs'): number =>
    median(readable.map((picture) => ((picture[which] + offsetMs) % 2 ** 32) - picture.capturedMs!))
  return {
    displayed: age('displayedMs'),
    read: age('readMs'),
    pictures: seen.length,
    unreadable: seen.length - readable.length,
  }
}

/** What makes CLOCK_MONOTONIC of the page's `performance.now()`, by the shortest of some round trips. */
async function monotonicOffsetMs(page: Page): Promise<number> {
  let best = { tripMs: Infinity, offsetMs: 0 }
  for (let i = 0; i < 12; i++) {
    const askedMs = Number(hrtime.bigint()) / 1e6
    const pageMs: number = await page.evaluate('performance.now()')
    const tripMs = Number(hrtime.bigint()) / 1e6 - askedMs
    if (tripMs < best.tripMs) best = { tripMs, offsetMs: askedMs + tripMs / 2 - pageMs }
  }
  return best.offsetMs
}

/** The delay that a tile's statistics show, in milliseconds; undefined while they show none. */
export async function shownDelayMs(page: Page, camera: string): Promise<number | undefined> {
  const text = await page.locator(`[data-camera="${camera}"] [data-stat="latency"]`).textContent()
  const ms = /^(\d+) ms$/.exec(text ?? '')?.[1]
  return ms === undefined ? undefined : Number(ms)
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
}
