import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { standInMachine } from '../fakes/capture.js'
import { startProgram, until } from '../support/program.js'

const OLD = '/base/axi/pcie@120000/rp1/i2c@80000/imx708@1a'
const NEW = '/base/axi/pcie@1000120000/rp1/i2c@80000/imx708@1a'
const OTHER = '/base/axi/pcie@1000120000/rp1/i2c@88000/imx219@10'

const { env: standIns, has } = await standInMachine()

/** A machine with two camera modules, whose `cam` lists them and writes a line for each call. */
async function twoModules(): Promise<Record<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'names-'))
  onTestFinished(async () => await rm(folder, { recursive: true }))
  const cam = `#!/bin/sh\necho "Available cameras:"\necho "1: 'imx708' (${NEW})"\necho "2: 'imx219' (${OTHER})"\n`
  await writeFile(join(folder, 'cam'), cam)
  await chmod(join(folder, 'cam'), 0o755)
  return {
    ...(standIns as Record<string, string>),
    PATH: `${folder}${delimiter}${standIns['PATH'] ?? ''}`,
    STANDIN_CAMERAS: `${NEW};${OTHER}`,
  }
}

const camera = (number: number, device: string): string =>
  `[camera${number}]\ndevice = "${device}"\nwidth = 320\nheight = 240\nfps = 15\nwebrtc-port = $PORT${number}\n`

async function start(...devices: string[]) {
  const tables = devices.map((device, i) => camera(i + 1, device)).join('') + '[webrtc]\nudp-port = $UDP\n'
  const program = await startProgram({ tables, env: await twoModules() })
  onTestFinished(async () => await program[Symbol.asyncDispose]())
  return program
}

test.runIf(has('libcamerasrc', 'vp8enc'))(
  'a camera that the kernel renamed plays, and one line of the log has its new name',
  { timeout: 60_000 },
  async () => {
    const program = await start(OLD)
    await until(async () => (await program.health()).status === 'ok', 40_000)
    expect((await program.health()).cameras['camera1']).toMatchObject({
      state: 'live',
      device_in_use: NEW,
      restarts: 0,
    })
    const line = `the camera ${OLD} is now called ${NEW}: write device = `
    expect(program.output().split(line)).toHaveLength(2)
    expect(program.output()).not.toContain('finds no camera named')
  },
)

test.runIf(has('libcamerasrc', 'vp8enc'))(
  'a short name plays, a second name of the same camera is lost and says which camera has it',
  { timeout: 60_000 },
  async () => {
    const program = await start('imx708', 'csi1', 'csi0')
    await until(async () => {
      const { cameras } = await program.health()
      return cameras['camera1']?.state === 'live' && cameras['camera3']?.state === 'live'
    }, 40_000)
    const { cameras } = await program.health()
    expect(cameras['camera1']).toMatchObject({ device_in_use: NEW })
    expect(cameras['camera3']).toMatchObject({ device_in_use: OTHER })
    expect(cameras['camera2']).toMatchObject({
      state: 'lost',
      cause: 'same-camera',
      message: `camera2 is the device of camera1: csi1 leads to ${NEW}, imx708 leads to ${NEW}.`,
    })
  },
)
