import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { decodeJpeg } from '../fakes/jpeg.js'
import { withStandIns } from '../fakes/examples.js'
import { childrenOf, commandLineOf, startProgram, until, type Program } from '../support/program.js'
import { gaps, watchFrames } from '../support/staying-viewer.js'

const FAKES = fileURLToPath(new URL('../fakes/v4l2', import.meta.url))
const MODULE = '/base/soc/i2c0mux/i2c@1/imx708@1a'
const MEDIA = '[webrtc]\nudp-port = $UDP\n'

const folderForTest = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'controls-'))
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }))
  return folder
}

async function start(tables: string, env: Record<string, string>): Promise<Program> {
  const program = await startProgram({ tables: `${tables}\n${MEDIA}`, env })
  onTestFinished(async () => await program[Symbol.asyncDispose]())
  await until(async () => (await program.health()).status === 'ok', 60_000)
  return program
}

/** A program with an imx708 of the stand-in for libcamerasrc, whose brightness is a grey. */
async function startModule(controls = '', env: Record<string, string> = {}): Promise<Program> {
  const folder = await folderForTest()
  const camera = `[camera1]\ndevice = "${MODULE}"\nwidth = 320\nheight = 240\nfps = 15\nwebrtc-port = $PORT1\n`
  const standIns = withStandIns({ STANDIN_CAMERAS: MODULE, ...env }, join(folder, 'registry.bin'))
  return await start(camera + controls, standIns)
}

/** A program with a USB camera, and how its driver was set. */
async function startUsb(more: string) {
  const folder = await folderForTest()
  const camera = `[camera1]\ndevice = "/dev/video9"\nwidth = 320\nheight = 240\nwebrtc-port = $PORT1\n`
  const program = await start(camera + more, {
    FAKE_V4L2: folder,
    PATH: `${FAKES}:${process.env['PATH'] ?? ''}`,
  })
  return {
    program,
    sets: async () =>
      (await readFile(join(folder, 'sets'), 'utf8').catch(() => '')).split('\n').filter(Boolean),
    state: async () => {
      const names = (await readdir(folder)).filter((name) => name.startsWith('set-'))
      const values = names.map(async (name) => [
        name.slice(4),
        Number(await readFile(join(folder, name), 'utf8')),
      ])
      return Object.fromEntries(await Promise.all(values)) as Record<string, number>
    },
    plugInAgain: async () => {
      for (const name of await readdir(folder)) if (name.startsWith('set-')) await rm(join(folder, name))
      const [pid] = await childrenOf(program.pid)
      process.kill(pid!, 'SIGKILL')
    },
  }
}

interface Answer {
  status: number
  error?: string
  message?: string
  unsaved?: boolean
  kind?: string
  changed?: string[]
  backup?: string
  controls?: { name: string; value?: unknown; inactive?: boolean; max?: number; applies: string }[]
}

const send = async (program: Program, method: string, body?: object, path = ''): Promise<Answer> => {
  const response = await fetch(`${program.url}/api/cameras/camera1/controls${path}`, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  return { ...((await response.json()) as Omit<Answer, 'status'>), status: response.status }
}
const change = async (program: Program, body: object): Promise<Answer> => await send(program, 'PATCH', body)
const valueOf = (answer: Answer, name: string): unknown =>
  answer.controls!.find((control) => control.name === name)?.value

const sourceOf = async (program: Program): Promise<string[]> => {
  const [pid] = await childrenOf(program.pid)
  const line = await commandLineOf(pid!)
  const from = line.indexOf('libcamerasrc')
  // Without the way to the field of view.
  return line
    .slice(from, line.indexOf('!', from))
    .filter((text) => text !== 'name=cam' && !text.startsWith('sensor-config='))
}

/** How bright the picture is, 0 to 255. */
async function greyOf(program: Program): Promise<number> {
  const response = await fetch(`${program.url}/camera1/snapshot.jpg?max_delay=0`)
  return decodeJpeg(new Uint8Array(await response.arrayBuffer())).mean(0, 0, 1, 1)[0]
}

test('a change of a camera module arrives in the picture, and a viewer stays connected', async () => {
  const program = await startModule('controls = { contrast = 1.5 }\n')
  const client = await watchFrames(program, 'camera1')
  expect(await sourceOf(program)).toEqual([
    'libcamerasrc',
    `camera-name=${MODULE}`,
    'contrast=1.5',
    'af-mode=continuous',
  ])
  const dark = await change(program, { brightness: -0.5 })
  expect(dark).toMatchObject({ status: 200, kind: 'libcamera', unsaved: true })
  expect(valueOf(dark, 'brightness')).toBe(-0.5)
  expect(await sourceOf(program)).toContain('brightness=-0.5')
  expect(await greyOf(program)).toBeLessThan(80)
  expect(await change(program, { brightness: 0.5 })).toMatchObject({ status: 200 })
  expect(await greyOf(program)).toBeGreaterThan(170)

  const before = client.received.length
  await until(() => client.received.length > before + 20, 20_000)
  expect(gaps(client)).toBe(0)
  expect((await program.health()).cameras['camera1']!.viewers).toBe(1)

  const [pid] = await childrenOf(program.pid)
  process.kill(pid!, 'SIGKILL')
  await until(async () => (await program.health()).cameras['camera1']!.restarts === 3, 20_000)
  await until(async () => (await program.health()).status === 'ok', 20_000)
  expect(await sourceOf(program)).toContain('brightness=0.5')

  const back = await change(program, { brightness: null, contrast: null })
  expect(back).toMatchObject({ status: 200, unsaved: true })
  expect(valueOf(back, 'brightness')).toBe(0)
  expect(await sourceOf(program)).toEqual(['libcamerasrc', `camera-name=${MODULE}`, 'af-mode=continuous'])
})

test('changes that arrive together are one restart, and each is answered with all of them', async () => {
  const program = await startModule()
  const answers = await Promise.all(
    [{ brightness: 0.1 }, { contrast: 2 }, { brightness: 0.2, awb: 'daylight' }].map(
      async (body) => await change(program, body),
    ),
  )
  for (const answer of answers)
    expect([
      answer.status,
      ...['brightness', 'contrast', 'awb'].map((name) => valueOf(answer, name)),
    ]).toEqual([200, 0.2, 2, 'daylight'])
  expect((await program.health()).cameras['camera1']!.restarts_by_cause).toEqual({ requested: 1 })
})

test('a change with which the camera does not come back is undone', async () => {
  const program = await startModule('controls = { brightness = 0.2 }\n', { STANDIN_FAILS: 'sharpness' })
  const client = await watchFrames(program, 'camera1')
  const answer = await change(program, { sharpness: 5, brightness: 0.4 })
  expect(answer).toMatchObject({ status: 409, error: 'control-rejected' })
  expect(answer.message).toContain('The previous values are in force again.')
  const now = await send(program, 'GET')
  expect([valueOf(now, 'brightness'), valueOf(now, 'sharpness'), now.unsaved]).toEqual([0.2, 1, false])
  expect(await sourceOf(program)).toContain('brightness=0.2')
  const before = client.received.length
  await until(() => client.received.length > before + 20, 20_000)
  expect(gaps(client)).toBe(0)
})

test('the newer of two controls that exclude each other counts, and focus is held where it was', async () => {
  const program = await startModule('controls = { autofocus = "continuous" }\n')
  expect(await change(program, { autofocus: 'manual' })).toMatchObject({
    status: 409,
    error: 'control-rejected',
  })
  const manual = await change(program, { 'lens-position': 2.5 })
  expect([valueOf(manual, 'autofocus'), valueOf(manual, 'lens-position')]).toEqual(['manual', 2.5])
  const automatic = await change(program, { autofocus: 'continuous' })
  expect([valueOf(automatic, 'autofocus'), valueOf(automatic, 'lens-position')]).toEqual([
    'continuous',
    undefined,
  ])
  const held = await change(program, { autofocus: 'manual' })
  expect([held.status, valueOf(held, 'lens-position')]).toEqual([200, 2.5])
  expect(await sourceOf(program)).toContain('lens-position=2.5')
})

test('invalid changes are answered with what to write, and nothing restarts', async () => {
  const program = await startModule()
  const error = async (body: object): Promise<string> => {
    const { status, error, message } = await change(program, body)
    return `${status} ${error} ${message}`
  }
  expect(await error({ brightness: 2 })).toBe('400 invalid-control brightness: 2 is too large: from -1 to 1')
  expect(await error({ 'exposure-time-us': 100_000 })).toContain('write fps = 10, or at most 66666 here')
  expect(await error({ nonsense: null })).toContain('400 invalid-control nonsense: is not a control')
  expect(await error({ a: {} })).toBe(
    '400 invalid-control a: the value is no number, true, false, text or list of numbers',
  )
  expect(await error([1])).toContain('400 bad-body')
  expect((await send(program, 'GET')).controls!.find(({ name }) => name === 'exposure-time-us')!.max).toBe(
    66_666,
  )
  expect((await program.health()).cameras['camera1']!.restarts).toBe(0)
})

test('saving writes the controls into the file, and the camera does not restart', async () => {
  const program = await startModule('# mine\ncontrols = { contrast = 1.5 } # both\n')
  await change(program, { brightness: 0.25, contrast: null })
  const before = await readFile(program.configPath, 'utf8')
  const saved = await send(program, 'POST', undefined, '/save')
  expect(saved).toMatchObject({
    status: 200,
    changed: ['contrast', 'brightness'],
    backup: `${program.configPath}.bak`,
  })
  expect(await readFile(program.configPath, 'utf8')).toBe(
    before.replace('{ contrast = 1.5 }', '{ brightness = 0.25 }'),
  )
  expect(await readFile(`${program.configPath}.bak`, 'utf8')).toBe(before)
  await until(() => program.output().includes('the configuration has not changed'), 20_000)
  const now = await send(program, 'GET')
  expect([now.unsaved, valueOf(now, 'brightness')]).toEqual([false, 0.25])
  expect((await program.health()).cameras['camera1']!.restarts).toBe(1) // that of the change
  expect(await send(program, 'POST', undefined, '/save')).toMatchObject({ status: 200, changed: [] })
})

test('unsaved changes survive a reload, unless the table of controls was edited', async () => {
  const program = await startModule('controls = { contrast = 1.5 }\n')
  await change(program, { brightness: 0.25 })
  const toml = await readFile(program.configPath, 'utf8')
  await writeFile(program.configPath, toml.replace('[webrtc]', '[webrtc]\nmax-clients = 3'))
  await until(() => program.output().includes('webrtc.max-clients'), 20_000)
  expect(valueOf(await send(program, 'GET'), 'brightness')).toBe(0.25)
  await writeFile(program.configPath, toml.replace('contrast = 1.5', 'contrast = 2'))
  await until(() => program.output().includes('camera1.controls'), 20_000)
  await until(async () => (await program.health()).cameras['camera1']!.restarts === 2, 20_000)
  await until(async () => (await program.health()).status === 'ok', 20_000)
  const now = await send(program, 'GET')
  expect([now.unsaved, valueOf(now, 'brightness'), valueOf(now, 'contrast')]).toEqual([false, 0, 2])
})

test('the controls of a USB camera are set when it delivers, again after a replug, and changed beside the stream', async () => {
  const { program, sets, state, plugInAgain } = await startUsb(
    'fps = "5-30"\n[camera1.controls]\nfocus_absolute = 30\nbrightness = 100\nsharpness = 7\ncontrast = 90\n',
  )
  await until(async () => (await sets()).length === 6, 20_000)
  expect((await sets())[0]).toBe('focus_automatic_continuous=0')
  const configured = {
    brightness: 100,
    contrast: 60,
    exposure_dynamic_framerate: 1,
    focus_absolute: 30,
    focus_automatic_continuous: 0,
  }
  expect(await state()).toEqual(configured)
  const warnings = async () =>
    (
      (await program.health()).cameras['camera1'] as unknown as { warnings?: { message: string }[] }
    ).warnings?.map(({ message }) => message)
  await until(async () => ((await warnings()) ?? []).length === 2, 20_000)
  expect(await warnings()).toEqual([
    'sharpness: is refused by the driver: VIDIOC_S_EXT_CTRLS: failed: Input/output error',
    'contrast: is 60 instead of 90: the driver changed it',
  ])

  await plugInAgain()
  await until(async () => (await sets()).length === 12, 20_000)
  await until(async () => (await state())['contrast'] === 60, 20_000)
  expect(await state()).toEqual(configured)

  const { restarts } = (await program.health()).cameras['camera1']!
  const bright = await change(program, { brightness: 200 })
  expect([bright.status, bright.kind, bright.unsaved, valueOf(bright, 'brightness')]).toEqual([
    200,
    'v4l2',
    true,
    200,
  ])
  const auto = await change(program, { focus_automatic_continuous: true })
  expect(auto.controls!.find(({ name }) => name === 'focus_absolute')).toMatchObject({
    inactive: true,
    applies: 'live',
  })
  expect(await state()).toMatchObject({ brightness: 200, focus_automatic_continuous: 1 })
  expect(await change(program, { focus_absolute: 40 })).toMatchObject({ status: 200 })
  expect(await state()).toMatchObject({ focus_automatic_continuous: 0, focus_absolute: 40 })
  expect(valueOf(await change(program, { brightness: null }), 'brightness')).toBe(128)
  expect((await program.health()).cameras['camera1']!.restarts).toBe(restarts)
})

test('a control that the driver refuses is undone together with its change', async () => {
  const { program, state } = await startUsb('[camera1.controls]\nbrightness = 100\n')
  await until(async () => (await state())['brightness'] === 100, 20_000)
  expect(await change(program, { brightness: 50, sharpness: 1 })).toEqual({
    status: 409,
    error: 'control-rejected',
    message: 'sharpness is refused by the driver: VIDIOC_S_EXT_CTRLS: failed: Input/output error',
  })
  expect((await state())['brightness']).toBe(100)
  expect(valueOf(await send(program, 'GET'), 'brightness')).toBe(100)
  expect(await change(program, { brightness: 300 })).toMatchObject({
    status: 400,
    message: 'brightness: 300 is too large: from 0 to 255',
  })
  expect((await change(program, { zoom: 1 })).message).toContain(
    'zoom: is not a control of this camera, which has',
  )
  expect(await change(program, { auto_exposure: 'manual mode' })).toMatchObject({ status: 200 })
  const saved = await send(program, 'POST', undefined, '/save')
  expect(saved).toMatchObject({ status: 200, changed: ['auto_exposure'] })
  expect(await readFile(program.configPath, 'utf8')).toContain(
    'brightness = 100\nauto_exposure = "manual mode"\n',
  )
})

test('a changed table of a USB camera is applied beside the stream', async () => {
  const { program, state } = await startUsb('[camera1.controls]\nbrightness = 100\nfocus_absolute = 20\n')
  await until(async () => (await state())['focus_absolute'] === 20, 20_000)
  const toml = await readFile(program.configPath, 'utf8')
  await writeFile(program.configPath, toml.replace('brightness = 100\nfocus_absolute = 20', 'contrast = 10'))
  await until(async () => (await state())['contrast'] === 10, 20_000)
  await until(async () => (await state())['focus_automatic_continuous'] === 1, 20_000)
  await until(async () => (await state())['brightness'] === 128, 20_000)
  expect((await program.health()).cameras['camera1']!.restarts).toBe(0)
})

test('a test picture has no controls', async () => {
  const program = await start('[camera1]\ndevice = "test:ball"\nwebrtc-port = $PORT1\n', {})
  expect(await send(program, 'GET')).toMatchObject({
    status: 200,
    kind: 'test',
    controls: [],
    why: 'A test picture has no controls.',
  })
  expect(await change(program, { brightness: 1 })).toMatchObject({ status: 400, error: 'invalid-control' })
  expect(await send(program, 'POST', undefined, '/save')).toMatchObject({ status: 409, error: 'no-controls' })
})
