/** The page's pure parts. They are plain JavaScript for the browser, so their types are said here. */

import { readFile, readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'

const page = new URL('../../static/', import.meta.url)
const load = async <T>(file: string) => (await import(new URL(file, page).href)) as T

const { next, transitions } = await load<{
  next: (state: string, event: string) => string
  transitions: Record<string, Record<string, string>>
}>('tile-state.js')
const { backoffMs, fullRetryMs } = await load<{
  backoffMs: (failures: number, chance?: number) => number
  fullRetryMs: (chance?: number) => number
}>('backoff.js')
const { congestion, countdown, describe, summary } = await load<{
  congestion: (now: object, bitsPerSecond?: number) => string
  countdown: (now: object) => string
  describe: (now: object) => { headline: string; detail: string; hint: string }
  summary: (states: string[]) => string
}>('messages.js')
const { layOut } = await load<{
  layOut: (
    count: number,
    room: { width: number; height: number; gap: number },
    ratio: number,
  ) => { columns: number; width: number; height: number }
}>('grid.js')
const { framesPerSecond } = await load<{
  framesPerSecond: (before: object | null, after: object | null) => number | null
}>('webrtc-stats.js')

test.each([
  ['connecting', 'frame', 'live'],
  ['connecting', 'full', 'full'],
  ['connecting', 'refused', 'unsupported'],
  ['live', 'stalled', 'waiting'],
  ['live', 'cameraLost', 'lost'],
  ['live', 'dropped', 'reconnecting'],
  ['lost', 'cameraLive', 'waiting'],
  ['lost', 'frame', 'live'],
  ['waiting', 'frame', 'live'],
  ['reconnecting', 'frame', 'live'],
  ['reconnecting', 'dropped', 'reconnecting'],
  ['full', 'answered', 'connecting'],
  ['full', 'cameraLost', 'full'],
  ['paused', 'play', 'connecting'],
])('%s, %s -> %s', (state, event, after) => expect(next(state, event)).toBe(after))

test('only a frame makes a tile live', () => {
  const events = Object.values(transitions).flatMap((row) =>
    Object.entries(row).flatMap(([event, after]) => (after === 'live' ? [event] : [])),
  )
  expect(new Set(events)).toEqual(new Set(['frame']))
})

test('nothing but the viewer ends a pause', () => {
  for (const event of ['frame', 'dropped', 'full', 'cameraLost', 'stalled', 'answered']) {
    expect(next('paused', event)).toBe('paused')
  }
})

test('every state can be said', () => {
  for (const state of Object.keys(transitions)) expect(describe({ state }).headline).not.toBe('')
})

test('the waits double up to eight seconds and differ by a tenth at most', () => {
  expect([0, 1, 2, 3, 4, 9].map((failures) => backoffMs(failures, 0.5))).toEqual([
    500, 1000, 2000, 4000, 8000, 8000,
  ])
  expect(backoffMs(0, 0)).toBeCloseTo(450)
  expect(backoffMs(0, 1)).toBeCloseTo(550)
})

test('a full camera is asked again often enough to take a free slot within three seconds', () => {
  expect(fullRetryMs(1)).toBeLessThan(2500)
  expect(fullRetryMs(0)).toBeGreaterThan(1000)
})

test('a lost camera says its message and its hint, also while it is being started again', () => {
  const camera = { state: 'lost', cause: 'camera-busy', message: 'In use', hint: 'Stop the other program' }
  expect(describe({ state: 'lost', camera })).toEqual({
    headline: 'Camera lost',
    detail: 'In use',
    hint: 'Stop the other program',
  })
  const { detail } = describe({ state: 'lost', camera: { ...camera, state: 'starting' } })
  expect(detail).toBe('In use. Starting it again')
})

test('a full camera says how many may watch', () => {
  expect(describe({ state: 'full', maxViewers: 4 }).detail).toBe(
    'This camera has its maximum of 4 viewers; trying again by itself',
  )
  expect(describe({ state: 'full', maxViewers: 0 }).detail).toContain('maximum of viewers')
})

test('the countdown is of the wait, then of the try', () => {
  expect(countdown({ state: 'reconnecting', attempt: 3, retryInMs: 3200 })).toBe('Next try in 4 s')
  expect(countdown({ state: 'reconnecting', attempt: 3, retryInMs: 0 })).toBe('Try 3')
  expect(countdown({ state: 'live', attempt: 0, retryInMs: 0 })).toBe('')
})

test.each([
  [
    { congested: true, estimateBps: 480_000 },
    2_000_000,
    'Your connection takes 0.5 Mbit/s, the camera sends 2.0: pictures are left out',
  ],
  [
    { congested: true, estimateBps: 60_000 },
    undefined,
    'Your connection takes 0.06 Mbit/s: pictures are left out',
  ],
  [
    { congested: true },
    2_000_000,
    'Your connection takes too little, the camera sends 2.0: pictures are left out',
  ],
  [{ congested: false, estimateBps: 480_000 }, 2_000_000, ''],
  [null, 2_000_000, ''],
])(
  'of a connection of which is said %j, for a camera of %j bit/s, the page says "%s"',
  (link, bitrate, text) => {
    expect(congestion({ state: 'live', link }, bitrate)).toBe(text)
    expect(congestion({ state: 'lost', link }, bitrate)).toBe('')
  },
)

test.each([
  [['live', 'live'], '2 cameras live'],
  [['live'], '1 camera live'],
  [['live', 'lost'], '1 of 2 cameras live'],
  [['lost', 'paused'], '2 cameras, none live'],
  [['connecting', 'connecting'], '2 cameras'],
])('%j is summed up as "%s"', (states, text) => expect(summary(states)).toBe(text))

const desk = { width: 1250, height: 740, gap: 14 }
const phone = { width: 370, height: 780, gap: 10 }

test('one camera is as large as the room allows', () => {
  expect(layOut(1, desk, 16 / 9)).toEqual({ columns: 1, width: 1250, height: 703 })
})

test('two cameras stand side by side on a desk and below each other on a phone', () => {
  expect(layOut(2, desk, 16 / 9).columns).toBe(2)
  expect(layOut(2, phone, 16 / 9).columns).toBe(1)
})

test('six cameras fit a desk without scrolling, and scroll on a phone rather than shrink', () => {
  const { columns, height } = layOut(6, desk, 16 / 9)
  expect(Math.ceil(6 / columns) * (height + desk.gap) - desk.gap).toBeLessThanOrEqual(desk.height)
  expect(layOut(6, phone, 16 / 9).width).toBe(370)
})

test('frames a second are counted between two readings', () => {
  expect(framesPerSecond({ atMs: 1000, framesDecoded: 30 }, { atMs: 2000, framesDecoded: 60 })).toBe(30)
  expect(framesPerSecond(null, { atMs: 2000, framesDecoded: 60 })).toBeNull()
})

test('every module that a picture needs is asked for in the head of the page, so that none waits for another', async () => {
  const html = await readFile(new URL('index.html', page), 'utf8')
  const modules = (await readdir(page)).filter((name) => name.endsWith('.js'))
  const asked = modules.filter((name) => html.includes(`/assets/${name}"`))
  const later = modules.filter((name) => !asked.includes(name))
  expect(later.sort()).toEqual([
    'addresses.js',
    'format.js',
    'latency-meter.js',
    'latency.js',
    'share-panel.js',
    'stats-overlay.js',
  ])
  for (const name of asked) {
    const imported = (await readFile(new URL(name, page), 'utf8')).matchAll(/^(?:import|\}).*'\.\/(.+)'$/gm)
    expect(asked).toEqual(expect.arrayContaining(Array.from(imported, ([, file]) => file)))
  }
})

test('the page keeps its own content security policy: nothing inline, nothing from elsewhere', async () => {
  const html = await readFile(new URL('index.html', page), 'utf8')
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*(?:src=|application\/json))/)
  expect(html).not.toMatch(/(src|href)="(https?:)?\/\//)
})
