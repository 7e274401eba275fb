import { readFile, readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { backoffMs, fullRetryMs } from '../../static/backoff.js'
import { cameraWarnings, congestion, countdown, describe, summary } from '../../static/messages.js'
import { next, transitions, type TileEvent, type TileState } from '../../static/tile-state.js'
import { framesPerSecond } from '../../static/webrtc-stats.js'
import type { ViewerStatus } from '../../src/signalling/websocket-messages.js'
import { english } from './word-tables.js'

const page = new URL('../../static/', import.meta.url)

test.each<[TileState, TileEvent, TileState]>([
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
  ['live', 'unseen', 'unwatched'],
  ['full', 'unseen', 'unwatched'],
  ['paused', 'unseen', 'paused'],
  ['unwatched', 'play', 'connecting'],
  ['unwatched', 'dropped', 'unwatched'],
])('%s, %s -> %s', (state, event, after) => expect(next(state, event)).toBe(after))

test('only a frame makes a tile live', () => {
  const events = Object.values(transitions).flatMap((row) =>
    Object.entries(row).flatMap(([event, after]) => (after === 'live' ? [event] : [])),
  )
  expect(new Set(events)).toEqual(new Set(['frame']))
})

test('only the user ends a pause', () => {
  for (const event of ['frame', 'dropped', 'full', 'cameraLost', 'stalled', 'answered'] as const) {
    expect(next('paused', event)).toBe('paused')
  }
})

test('every state has a headline', () => {
  for (const state of Object.keys(transitions) as TileState[])
    expect(describe({ state }, english).headline).not.toBe('')
})

test('the waits double up to eight seconds and differ by a tenth at most', () => {
  expect([0, 1, 2, 3, 4, 9].map((failures) => backoffMs(failures, 0.5))).toEqual([
    500, 1000, 2000, 4000, 8000, 8000,
  ])
  expect(backoffMs(0, 0)).toBeCloseTo(450)
  expect(backoffMs(0, 1)).toBeCloseTo(550)
})

test('a full camera is retried often enough to use a free slot within three seconds', () => {
  expect(fullRetryMs(1)).toBeLessThan(2500)
  expect(fullRetryMs(0)).toBeGreaterThan(1000)
})

test('a lost camera shows its message and hint, also while it restarts', () => {
  const camera = {
    state: 'lost' as const,
    cause: 'camera-busy',
    message: 'In use.',
    hint: 'Stop the other program',
  }
  expect(describe({ state: 'lost', camera }, english)).toMatchObject({
    headline: 'Camera lost',
    detail: 'In use.',
    hint: 'Stop the other program',
  })
  const { detail } = describe({ state: 'lost', camera: { ...camera, state: 'starting' } }, english)
  expect(detail).toBe('In use. Restarting the camera')
})

test('a full camera shows its maximum of viewers', () => {
  expect(describe({ state: 'full', maxViewers: 4 }, english).detail).toBe(
    'This camera has reached its maximum of 4 viewers. Retrying automatically',
  )
  expect(describe({ state: 'full', maxViewers: 0 }, english).detail).toContain('maximum of viewers')
})

test('the countdown shows the wait, then the attempt', () => {
  expect(countdown({ state: 'reconnecting', attempt: 3, retryInMs: 3200 }, english)).toBe('Retrying in 4 s')
  expect(countdown({ state: 'reconnecting', attempt: 3, retryInMs: 0 }, english)).toBe('Attempt 3')
  expect(countdown({ state: 'live', attempt: 0, retryInMs: 0 }, english)).toBe('')
})

test('the warnings of a live camera are a line each, with what to do', () => {
  const warnings = [
    { cause: 'b-frames', message: 'The video has B-frames.', hint: 'Add -bf 0.' },
    { cause: 'two-sources', message: 'A second stream arrives.', hint: 'Stop it.' },
  ]
  const camera = { key: 'camera1', state: 'live', warnings } as const
  expect(cameraWarnings({ state: 'live', camera }, english)).toBe(
    'The video has B-frames. Add -bf 0.\nA second stream arrives. Stop it.',
  )
  expect(cameraWarnings({ state: 'lost', camera }, english)).toBe('')
  expect(cameraWarnings({ state: 'live', camera: { key: 'camera1', state: 'live' } }, english)).toBe('')
})

test.each<[ViewerStatus | null, number | undefined, string]>([
  [
    { congested: true, availableBitrateBps: 480_000 },
    2_000_000,
    'Slow connection (0.5 Mbit/s available, 2.0 Mbit/s needed): frames are dropped',
  ],
  [
    { congested: true, availableBitrateBps: 60_000 },
    undefined,
    'Slow connection (0.06 Mbit/s available): frames are dropped',
  ],
  // The estimate may be above what the camera is configured to send.
  [{ congested: true, availableBitrateBps: 2_400_000 }, 2_000_000, 'Slow connection: frames are dropped'],
  [{ congested: true, availableBitrateBps: 1_990_000 }, 2_000_000, 'Slow connection: frames are dropped'],
  [{ congested: true }, 2_000_000, 'Slow connection (2.0 Mbit/s needed): frames are dropped'],
  [{ congested: true }, undefined, 'Slow connection: frames are dropped'],
  [{ congested: false, availableBitrateBps: 480_000 }, 2_000_000, ''],
  [null, 2_000_000, ''],
])('for the viewer status %j and a camera of %j bit/s the notice is "%s"', (viewerStatus, bitrate, text) => {
  expect(congestion({ state: 'live', viewerStatus }, english, bitrate)).toBe(text)
  expect(congestion({ state: 'lost', viewerStatus }, english, bitrate)).toBe('')
})

test.each<[TileState[], string]>([
  [['live', 'live'], '2 cameras live'],
  [['live'], '1 camera live'],
  [['live', 'lost'], '1 of 2 cameras live'],
  [['lost', 'paused'], '2 cameras, none live'],
  [['connecting', 'connecting'], '2 cameras'],
])('the summary of %j is "%s"', (states, text) => expect(summary(states, english)).toBe(text))

test('frames per second are counted between two readings', () => {
  expect(framesPerSecond({ atMs: 1000, framesDecoded: 30 }, { atMs: 2000, framesDecoded: 60 })).toBe(30)
  expect(framesPerSecond(null, { atMs: 2000, framesDecoded: 60 })).toBeNull()
})

test('the page preloads every module of a live tile, so that none waits for another', async () => {
  const html = await readFile(new URL('index.html', page), 'utf8')
  const modules = (await readdir(page)).filter((name) => name.endsWith('.js'))
  const asked = modules.filter((name) => html.includes(`assets/${name}"`))
  // The owner's page is another one.
  const later = modules.filter((name) => !asked.includes(name) && !name.startsWith('owner'))
  expect(later.sort()).toEqual([
    'addresses.js',
    'change-queue.js',
    'clipboard.js',
    'element.js',
    'embed-context.js',
    'embed-keys.js',
    'embed-player.js',
    'embed-settings.js',
    'embed-source.js',
    'embed-styles.js',
    'format.js',
    'kiosk.js',
    'language-menu.js',
    'latency-meter.js',
    'latency.js',
    'player-report.js',
    'prepare-session.js',
    'recorder.js',
    'rpi-camera.js',
    'save-picture.js',
    'settings-api.js',
    'settings-dialog.js',
    'settings-editor.js',
    'settings-format.js',
    'settings-frame.js',
    'settings-input.js',
    'settings-list.js',
    'settings-panel.js',
    'settings-row.js',
    'share-panel.js',
    'sign-in.js',
    'slider-scale.js',
    'sound-meter.js',
    'stats-overlay.js',
    'style-sheets.js',
  ])
  for (const name of asked) {
    const imported = (await readFile(new URL(name, page), 'utf8')).matchAll(/^(?:import|\}).*'\.\/(.+)'$/gm)
    expect(asked).toEqual(expect.arrayContaining(Array.from(imported, ([, file]) => file)))
  }
})

test.each(['index.html', 'owner.html'])(
  '%s complies with its content security policy: nothing inline, nothing from other origins',
  async (name) => {
    const html = await readFile(new URL(name, page), 'utf8')
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*(?:src=|application\/json))/)
    expect(html).not.toMatch(/(src|href)="(https?:)?\/\//)
  },
)
