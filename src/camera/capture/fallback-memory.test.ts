import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { silentLog } from '../../log.js'
import type { Rung } from '../gstreamer/rung.js'
import { fallbackPath, parseFallbacks, renderFallbacks, type FallbackKey } from './fallback-file.js'
import { openFallbackMemory } from './fallback-memory.js'

const DAY_MS = 24 * 3_600_000

const KEY: FallbackKey = {
  camera: '/base/soc/i2c0mux/i2c@1/imx219@10',
  libcamera: '0.7.1',
  gstreamer: '1.26.2',
  settings: '640x480@30 h264 auto full',
}

const RUNG: Rung = { view: 'second-pad', dmabufImport: false, hardware: true }

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'rpi-webrtc-state-'))
  onTestFinished(async () => await rm(path, { recursive: true }))
  return path
}

const openMemory = async (path: string | undefined, nowMs = () => 0) =>
  await openFallbackMemory(path, silentLog, nowMs)

test('the next run of the program recalls what this one remembered', async () => {
  const path = join(await folder(), 'deeper', 'fallbacks.json')
  const first = await openMemory(path)
  first.remember(KEY, RUNG, 'not-negotiated')
  await first.settled()
  const next = await openMemory(path)
  expect(next.recall(KEY)).toEqual({ ...KEY, rung: RUNG, because: 'not-negotiated', sinceMs: 0 })
  next.forget(KEY)
  await next.settled()
  expect((await openMemory(path)).recall(KEY)).toBeUndefined()
})

test.each([
  ['camera', '/dev/video0'],
  ['libcamera', '0.7.2'],
  ['gstreamer', '1.28.0'],
  ['settings', '1280x720@30 h264 auto full'],
])('another %s is a new try', async (name, value) => {
  const memory = await openMemory(undefined)
  memory.remember(KEY, RUNG, 'not-negotiated')
  expect(memory.recall(KEY)?.rung).toEqual(RUNG)
  expect(memory.recall({ ...KEY, [name]: value })).toBeUndefined()
})

test('a fallback after silence holds for a week, one after a refusal until something changes', async () => {
  let now = 0
  const memory = await openMemory(undefined, () => now)
  memory.remember(KEY, RUNG, 'no-first-packet')
  memory.remember({ ...KEY, camera: 'other' }, RUNG, 'not-negotiated')
  now = 6 * DAY_MS
  expect(memory.recall(KEY)).toBeDefined()
  now = 8 * DAY_MS
  expect(memory.recall(KEY)).toBeUndefined()
  expect(memory.recall({ ...KEY, camera: 'other' })).toBeDefined()
})

test('the file is written once for a rung that goes on delivering', async () => {
  const path = join(await folder(), 'fallbacks.json')
  let now = 1
  const memory = await openMemory(path, () => now)
  memory.remember(KEY, RUNG, 'not-negotiated')
  now = 2
  memory.remember(KEY, RUNG, 'not-negotiated')
  await memory.settled()
  expect(parseFallbacks(await readFile(path, 'utf8'))).toMatchObject([{ sinceMs: 1 }])
  expect(await readdir(join(path, '..'))).toEqual(['fallbacks.json'])
})

test.each([
  'nonsense',
  '[]',
  '{}',
  'null',
  '{"cameras": 1}',
  '{"cameras": [null, 1, {"camera": "x"}]}',
  `{"cameras": [${JSON.stringify({ ...KEY, rung: { ...RUNG, view: 'sideways' }, because: 'x', sinceMs: 1 })}]}`,
  `{"cameras": [${JSON.stringify({ ...KEY, rung: { ...RUNG, size: { width: 1e9, height: 1 } }, because: 'x', sinceMs: 1 })}]}`,
  '[['.repeat(50_000),
])('a damaged file is ignored', async (text) => {
  const path = join(await folder(), 'fallbacks.json')
  await writeFile(path, text)
  expect((await openMemory(path)).recall(KEY)).toBeUndefined()
})

test('the file is bounded', () => {
  const entry = { ...KEY, rung: RUNG, because: 'x', sinceMs: 1 }
  const many = Array.from({ length: 1000 }, (_, i) => ({ ...entry, camera: `camera ${i}` }))
  const kept = parseFallbacks(renderFallbacks(many))
  expect(kept).toHaveLength(32)
  expect(kept.at(-1)?.camera).toBe('camera 999')
})

test('a folder that cannot be written leaves the memory in place', async () => {
  const path = await folder()
  await writeFile(join(path, 'file'), '')
  await chmod(path, 0o500)
  onTestFinished(async () => await chmod(path, 0o700))
  const memory = await openMemory(join(path, 'file', 'fallbacks.json'))
  memory.remember(KEY, RUNG, 'not-negotiated')
  await memory.settled()
  expect(memory.recall(KEY)?.rung).toEqual(RUNG)
})

test('the file lies in the state folder of the service, else of the user', () => {
  expect(fallbackPath({ STATE_DIRECTORY: '/var/lib/rpi-webrtc:/x', HOME: '/home/pi' })).toBe(
    '/var/lib/rpi-webrtc/fallbacks.json',
  )
  expect(fallbackPath({ XDG_STATE_HOME: '/state', HOME: '/home/pi' })).toBe(
    '/state/rpi-webrtc/fallbacks.json',
  )
  expect(fallbackPath({ HOME: '/home/pi' })).toBe('/home/pi/.local/state/rpi-webrtc/fallbacks.json')
  expect(fallbackPath({})).toBeUndefined()
})
