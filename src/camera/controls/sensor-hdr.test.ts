import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { setSensorHdr } from './sensor-hdr.js'
import { tuningFileObstacle } from './tuning-file.js'

const [FIRST, SECOND] = ['/base/soc/i2c@1/imx708@1a', '/base/soc/i2c@0/imx708@1a']

/** A sysfs with an imx219 and two imx708, and a v4l2-ctl that notes how it was called. */
async function machine(exitCode = 0) {
  const folder = await mkdtemp(join(tmpdir(), 'hdr-'))
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }))
  const subdevice = async (node: string, module: string, ofNode: string): Promise<void> => {
    await mkdir(join(folder, 'modules', module), { recursive: true })
    await mkdir(join(folder, 'devicetree', ofNode), { recursive: true })
    await mkdir(join(folder, 'class', node, 'device', 'driver'), { recursive: true })
    await symlink(join(folder, 'modules', module), join(folder, 'class', node, 'device', 'driver', 'module'))
    await symlink(join(folder, 'devicetree', ofNode), join(folder, 'class', node, 'device', 'of_node'))
  }
  await subdevice('v4l-subdev0', 'imx219', '/base/soc/i2c@1/imx219@10')
  await subdevice('v4l-subdev1', 'imx708', SECOND)
  await subdevice('v4l-subdev2', 'imx708', FIRST)
  await mkdir(join(folder, 'bin'))
  const program = join(folder, 'bin', 'v4l2-ctl')
  await writeFile(
    program,
    `#!/bin/sh\necho "$@" >> ${folder}/calls\necho "VIDIOC_S_EXT_CTRLS: failed: Device or resource busy" >&2\nexit ${exitCode}\n`,
  )
  await chmod(program, 0o755)
  return {
    env: { PATH: `${folder}/bin:/usr/bin:/bin` },
    sysfs: join(folder, 'class'),
    calls: async () => await readFile(join(folder, 'calls'), 'utf8').catch(() => ''),
  }
}
const module = (name: string) => ({ kind: 'libcamera', name }) as const

test('HDR is set on the subdevice of this sensor, and cleared without the key', async () => {
  const { env, sysfs, calls } = await machine()
  expect(await setSensorHdr({ device: module(FIRST), hdr: true }, env, sysfs)).toBeUndefined()
  expect(await setSensorHdr({ device: module(SECOND), hdr: false }, env, sysfs)).toBeUndefined()
  expect(await calls()).toBe(
    '-d /dev/v4l-subdev2 --set-ctrl wide_dynamic_range=1\n-d /dev/v4l-subdev1 --set-ctrl wide_dynamic_range=0\n',
  )
})

test('a failure is a sentence, and only if HDR is configured', async () => {
  const { env, sysfs } = await machine(255)
  expect(await setSensorHdr({ device: module(FIRST), hdr: true }, env, sysfs)).toBe(
    'hdr: v4l2-ctl -d /dev/v4l-subdev2 --set-ctrl wide_dynamic_range=1 failed: VIDIOC_S_EXT_CTRLS: failed: Device or resource busy. The picture has no HDR.',
  )
  expect(await setSensorHdr({ device: module(FIRST), hdr: false }, env, sysfs)).toBeUndefined()
  expect(await setSensorHdr({ device: module(FIRST), hdr: true }, env, '/nonexistent')).toContain(
    'has no v4l-subdev',
  )
  expect(await setSensorHdr({ device: module(FIRST), hdr: true }, { PATH: '/nonexistent' }, sysfs)).toContain(
    'sudo apt install v4l-utils',
  )
})

test('other cameras have no HDR', async () => {
  const { env, sysfs, calls } = await machine()
  expect(
    await setSensorHdr({ device: module('/base/soc/i2c@1/imx219@10'), hdr: true }, env, sysfs),
  ).toContain('only a Camera Module 3')
  expect(
    await setSensorHdr({ device: { kind: 'test', pattern: 'ball' }, hdr: true }, env, sysfs),
  ).toBeUndefined()
  expect(await calls()).toBe('')
})

test('a tuning file that does not exist is a failure that names those that do', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tuning-'))
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'imx219_noir.json'), '{}')
  const check = async (tuningFile: string | undefined) =>
    await tuningFileObstacle({ key: 'camera1', device: module(FIRST), tuningFile })
  expect(await check(join(folder, 'imx219_noir.json'))).toBeUndefined()
  expect(await check(undefined)).toBeUndefined()
  expect(await check(join(folder, 'imx219-noir.json'))).toEqual({
    cause: 'tuning-file-missing',
    message: `The tuning file ${folder}/imx219-noir.json does not exist.`,
    hint: `Change tuning-file in [camera1]. Did you mean ${folder}/imx219_noir.json?`,
  })
})
