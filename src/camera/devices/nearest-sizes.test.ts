import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { listNearestSizes, nearestSizes, type WantedVideo } from './nearest-sizes.js'
import type { VideoMode } from './video-modes.js'

const MODES: VideoMode[] = [
  { width: 320, height: 240, rates: [30, 15], format: 'raw' },
  { width: 640, height: 480, rates: [30], format: 'raw' },
  { width: 640, height: 480, rates: [30], format: 'mjpeg' },
  { width: 1280, height: 720, rates: [10], format: 'raw' },
  { width: 1920, height: 1080, rates: [30], format: 'mjpeg' },
]

const wanted = (width: number, height: number, fps = 30): WantedVideo => ({
  width,
  height,
  fps,
  formatOf: (size) => (size.width > 640 ? 'mjpeg' : 'raw'),
})

const SIZES = [
  [640, 480],
  [320, 240],
  [1920, 1080],
].map(([width, height]) => ({ width, height }))

test('the sizes at the wanted rate, in the format that they would have, nearest first', () => {
  expect(nearestSizes(MODES, wanted(800, 600))).toEqual(SIZES)
  expect(nearestSizes(MODES, wanted(800, 600, 10))).toEqual([]) // 1280x720 would be captured as MJPEG
  expect(nearestSizes(MODES, wanted(800, 600, 25))).toEqual([])
})

test('a size that the camera offers is not to blame', () =>
  expect(nearestSizes(MODES, wanted(640, 480))).toEqual([]))

test('29.97 is 30, and a stepwise camera offers the nearest size of its grid', () => {
  const grid = { minWidth: 16, minHeight: 16, maxWidth: 640, maxHeight: 480, stepWidth: 16, stepHeight: 16 }
  const modes: VideoMode[] = [{ width: 640, height: 480, rates: [29.97], format: 'raw', grid }]
  expect(nearestSizes(modes, wanted(330, 250))).toEqual([{ width: 336, height: 256 }])
  expect(nearestSizes(modes, wanted(336, 256))).toEqual([])
})

test('the camera is asked with v4l2-ctl', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rpi-webrtc-sizes-'))
  onTestFinished(async () => await rm(folder, { recursive: true }))
  const list = `\t[0]: 'YUYV' (YUYV 4:2:2)\n\t\tSize: Discrete 320x240\n\t\t\tInterval: Discrete 0.033s (30.000 fps)\n`
  await writeFile(join(folder, 'v4l2-ctl'), `#!/bin/sh\n[ "$2" = /dev/video9 ] && printf '%s' "${list}"\n`)
  await chmod(join(folder, 'v4l2-ctl'), 0o755)
  const env = { PATH: `${folder}:/usr/bin:/bin` }
  expect(await listNearestSizes('/dev/video9', wanted(640, 480), env)).toEqual([{ width: 320, height: 240 }])
  expect(await listNearestSizes('/dev/video8', wanted(640, 480), env)).toEqual([])
  expect(await listNearestSizes('/dev/video9', wanted(640, 480), { PATH: '/nowhere' })).toEqual([])
})
