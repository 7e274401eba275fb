import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { exampleCamera, exampleMachine } from '../../test/fakes/examples.js'
import type { Device } from '../config/device.js'
import { createCameraSizes } from './camera-sizes.js'

const MODULE = '/base/soc/i2c0mux/i2c@1/imx219@10'
const machine = exampleMachine()
const camera = (device: Device) => ({ config: exampleCamera({ device }), deviceInUse: undefined })

/** A folder whose v4l2-ctl lists one mode, and counts how often it was started. */
async function fakeV4l2Ctl(): Promise<{ path: string; starts: () => Promise<number> }> {
  const folder = await mkdtemp(join(tmpdir(), 'sizes-'))
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }))
  const mode = "[0]: 'YUYV' (YUYV)\\n Size: Discrete 320x240\\n Interval: Discrete 0.040s (25.000 fps)\\n"
  const script = `#!/bin/sh\necho x >> "${folder}/starts"\nif [ "$2" = /dev/video7 ]; then printf "${mode}"; else exit 1; fi\n`
  await writeFile(join(folder, 'v4l2-ctl'), script)
  await chmod(join(folder, 'v4l2-ctl'), 0o755)
  const starts = async (): Promise<number> => (await readFile(join(folder, 'starts'), 'utf8')).length / 2
  return { path: `${folder}:${process.env['PATH'] ?? ''}`, starts }
}

test('a V4L2 camera is asked once for all who ask at the same time', async () => {
  const { path, starts } = await fakeV4l2Ctl()
  const sizesOf = createCameraSizes({ env: { PATH: path }, machine })
  const usb = camera({ kind: 'v4l2', path: '/dev/video7' })
  const answers = await Promise.all([sizesOf(usb), sizesOf(usb), sizesOf(usb)])
  for (const answer of answers) expect(answer).toEqual([{ width: 320, height: 240, rates: [25] }])
  expect(await starts()).toBe(1)
})

test('a camera that cannot be asked has none, and neither have a test picture and what others send', async () => {
  const { path } = await fakeV4l2Ctl()
  const sizesOf = createCameraSizes({ env: { PATH: path }, machine })
  const withoutProgram = createCameraSizes({ env: { PATH: '/nonexistent' }, machine })
  expect(await sizesOf(camera({ kind: 'v4l2', path: '/dev/video8' }))).toEqual([])
  expect(await withoutProgram(camera({ kind: 'v4l2', path: '/dev/video7' }))).toEqual([])
  for (const device of [
    { kind: 'test', pattern: 'smpte' },
    { kind: 'rtp', port: 5000 },
    { kind: 'whip' },
    { kind: 'libcamera', name: 'csi0' },
  ] as const)
    expect(await sizesOf(camera(device))).toEqual([])
})

test('a camera module has the sizes of its sensor, also if the configuration has another name for it', async () => {
  const sizesOf = createCameraSizes({ env: {}, machine })
  const named = await sizesOf({ ...camera({ kind: 'libcamera', name: 'csi0' }), deviceInUse: MODULE })
  expect(named).toEqual(await sizesOf(camera({ kind: 'libcamera', name: 'imx219' })))
  expect(named).toContainEqual({ width: 1640, height: 1232, rates: [41, 30, 25, 20, 15, 10, 5] })
})

test('what a program has listed of a sensor goes before what is known of it', async () => {
  const modes = [{ width: 1000, height: 500, bitDepth: 10, fps: 12, crop: undefined }]
  const listed = exampleMachine({ sensors: new Map([[MODULE, { width: 1000, height: 500, modes }]]) })
  const sizes = await createCameraSizes({ env: {}, machine: listed })(
    camera({ kind: 'libcamera', name: MODULE }),
  )
  expect(sizes.at(-1)).toEqual({ width: 1000, height: 500, rates: [12, 10, 5] })
})
