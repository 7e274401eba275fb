import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { MODULE, standInMachine } from '../fakes/capture.js'
import { startProgram, until, type Program } from '../support/program.js'
import { connectViewer } from '../support/staying-viewer.js'

const { env: standIns, has } = await standInMachine()

const device = MODULE.kind === 'libcamera' ? MODULE.name : ''
const tables = (view: string): string =>
  `[camera1]\ndevice = "${device}"\nwidth = 320\nheight = 240\nfps = 15\nfield-of-view = "${view}"\n` +
  `webrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n`

async function stateFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rpi-webrtc-state-'))
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }))
  return folder
}

async function start(view: string, env: Record<string, string>): Promise<Program> {
  const program = await startProgram({
    tables: tables(view),
    env: { ...(standIns as Record<string, string>), ...env },
  })
  onTestFinished(async () => await program[Symbol.asyncDispose]())
  return program
}

interface Picture {
  state: string
  field_of_view: { step: string; mode: string; width_percent: number; height_percent: number }
  fallbacks?: string[]
}

const pictureOf = async (program: Program): Promise<Picture> =>
  (await (await fetch(`${program.url}/api/cameras/camera1`)).json()) as Picture

const isLive = async (program: Program): Promise<boolean> =>
  (await program.health()).cameras['camera1']?.state === 'live'

describe.runIf(has('libcamerasrc', 'vp8enc'))('a viewer of a camera module', { timeout: 120_000 }, () => {
  test('stays connected while a refused setting is given up, and the next run begins there', async () => {
    const state = await stateFolder()
    const env = { STANDIN_REFUSE: 'sensor-config', XDG_STATE_HOME: state, STATE_DIRECTORY: '' }
    const program = await start('auto', env)
    await until(async () => await isLive(program), 40_000)
    expect((await pictureOf(program)).field_of_view).toEqual({
      step: 'plain',
      mode: '640x480',
      width_percent: 39,
      height_percent: 39,
    })
    const client = await connectViewer(program, 'camera1')
    await until(() => client.received.length > 20, 30_000)

    const toml = await readFile(program.configPath, 'utf8')
    await writeFile(`${program.configPath}~`, toml.replace('"auto"', '"full"'))
    await rename(`${program.configPath}~`, program.configPath)
    await until(() => program.output().includes('trying a second stream'), 40_000)
    await until(async () => await isLive(program), 40_000)

    const before = client.received.length
    await until(() => client.received.length > before + 20, 30_000)
    const sources = new Set(client.received.map(({ ssrc }) => ssrc))
    expect(sources.size).toBe(1) // one session, one stream
    expect((await program.health()).cameras['camera1']).toMatchObject({
      state: 'live',
      viewers: 1,
      field_of_view: { step: 'second-pad', mode: '1640x1232', width_percent: 100, height_percent: 100 },
      fallbacks: ["the field of view is set by second-pad: the video shows 100 % of the scene's width"],
    })
    await until(async () => (await readFile(join(state, 'rpi-webrtc/fallbacks.json'), 'utf8')) !== '', 10_000)
    await program[Symbol.asyncDispose]()

    const again = await start('full', env)
    await until(async () => await isLive(again), 40_000)
    expect(again.output()).toContain('as in an earlier run')
    expect((await again.health()).cameras['camera1']).toMatchObject({
      restarts: 0,
      field_of_view: { step: 'second-pad' },
    })
  })

  test('that waits for a camera which starts in silence gets frames after the fallback', async () => {
    const program = await start('full', {
      STANDIN_SILENT: 'sensor-config',
      XDG_STATE_HOME: await stateFolder(),
      STATE_DIRECTORY: '',
    })
    const client = await connectViewer(program, 'camera1')
    await until(() => client.received.length > 20, 100_000)
    expect((await program.health()).cameras['camera1']).toMatchObject({
      state: 'live',
      viewers: 1,
      restarts: 2,
      restarts_by_cause: { 'no-first-packet': 2 },
    })
    expect((await pictureOf(program)).field_of_view.step).toBe('second-pad')
  })
})
