import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Env } from '../../lib/env.js'
import { findFullSize } from './full-size.js'

/** An environment whose PATH has one program, which prints a text. */
async function withProgram(name: string, text: string): Promise<Env> {
  const folder = await mkdtemp(join(tmpdir(), 'full-size-'))
  onTestFinished(async () => await rm(folder, { recursive: true }))
  await writeFile(join(folder, name), `#!/bin/sh\ncat <<'END'\n${text}\nEND\n`, { mode: 0o755 })
  return { PATH: `${folder}:/usr/bin:/bin` }
}

const RPICAM = `Available cameras
-----------------
0 : imx708 [4608x2592 10-bit RGGB] (/base/soc/i2c0mux/i2c@1/imx708@1a)
    Modes: 'SRGGB10_CSI2P' : 1536x864 [120.13 fps - (768, 432)/3072x1728 crop]
                             2304x1296 [56.03 fps - (0, 0)/4608x2592 crop]
                             4608x2592 [14.35 fps - (0, 0)/4608x2592 crop]
1 : imx219 [3280x2464 10-bit RGGB] (/base/soc/i2c0mux/i2c@0/imx219@10)
    Modes: 'SRGGB8' : 640x480 [206.65 fps - (1000, 752)/1280x960 crop]
                      3280x2464 [21.19 fps - (0, 0)/3280x2464 crop]`

test.each([
  ['/base/soc/i2c0mux/i2c@1/imx708@1a', { width: 4608, height: 2592, fps: 14 }],
  ['/base/soc/i2c0mux/i2c@0/imx219@10', { width: 3280, height: 2464, fps: 21 }],
  ['/base/soc/another', undefined],
])('the largest mode of %s', async (name, expected) => {
  const env = await withProgram('rpicam-hello', RPICAM)
  expect(await findFullSize({ kind: 'libcamera', name }, env)).toEqual(expected)
})

test('the largest mode of a USB camera, with its format', async () => {
  const env = await withProgram(
    'v4l2-ctl',
    `ioctl: VIDIOC_ENUM_FMT
	[0]: 'MJPG' (Motion-JPEG, compressed)
		Size: Discrete 640x480
			Interval: Discrete 0.033s (30.000 fps)
		Size: Discrete 1920x1080
			Interval: Discrete 0.033s (30.000 fps)
			Interval: Discrete 0.067s (15.000 fps)
	[1]: 'YUYV' (YUYV 4:2:2)
		Size: Discrete 640x480
			Interval: Discrete 0.033s (30.000 fps)`,
  )
  expect(await findFullSize({ kind: 'v4l2', path: '/dev/video0' }, env)).toEqual({
    width: 1920,
    height: 1080,
    fps: 30,
    format: 'mjpeg',
  })
})

test('without a program that lists modes the size is unknown', async () => {
  const env = { PATH: '/nonexistent' }
  expect(await findFullSize({ kind: 'v4l2', path: '/dev/video0' }, env)).toBeUndefined()
  expect(await findFullSize({ kind: 'libcamera', name: 'x' }, env)).toBeUndefined()
})
