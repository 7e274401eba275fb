import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { exampleMachine } from '../../test/fakes/examples.js'
import type { CameraList } from '../camera/devices/discover.js'
import type { Microphone } from '../camera/devices/microphones.js'
import { parseConfig } from '../config/parse.js'
import { init, type InitOptions } from './init.js'

const ONE: CameraList = { cameras: [{ kind: 'libcamera', device: '/base/a', name: 'imx219' }], notes: [] }

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'rpi-webrtc-init-'))
  onTestFinished(async () => await rm(path, { recursive: true }))
  return path
}

/** The command in a folder of its own: what it said, and what it left in config.toml. */
async function run(
  found: CameraList,
  about: Partial<InitOptions> = {},
  before?: string,
  microphones: Microphone[] = [],
) {
  const path = join(await folder(), 'config.toml')
  if (before !== undefined) await writeFile(path, before)
  const [printed, errors]: [string[], string[]] = [[], []]
  const options: InitOptions = {
    path,
    testMode: false,
    force: false,
    stdout: false,
    json: false,
    examplePath: '/opt/rpi-webrtc/config.example.toml',
    ...about,
  }
  const machine = {
    probe: async () => await Promise.resolve(exampleMachine()),
    findCameras: async () => await Promise.resolve(found),
    findMicrophones: async () => await Promise.resolve(microphones),
  }
  const code = await init(options, machine, {
    env: {},
    nodeVersion: '20.19.0',
    print: (text) => void printed.push(text),
    printError: (text) => void errors.push(text),
  })
  const written = await readFile(options.path, 'utf8').catch(() => undefined)
  return { code, path, written, printed: printed.join('\n'), errors: errors.join('\n') }
}

test('the cameras found are written, readable by owner and group', async () => {
  const { code, path, written, printed } = await run(ONE)
  expect(code).toBe(0)
  expect(parseConfig(written!, path).cameras[0]?.device).toEqual({ kind: 'libcamera', name: '/base/a' })
  expect((await stat(path)).mode & 0o007).toBe(0)
  expect(printed).toContain(`${path} was written:\n  camera1: imx219, 1280x720 at 30`)
  expect(printed).toContain(`Next: rpi-webrtc doctor --config ${path}`)
})

test('an existing file is kept, unless --force is given', async () => {
  const kept = await run(ONE, {}, 'mine')
  expect([kept.code, kept.written]).toEqual([1, 'mine'])
  expect(kept.errors).toContain('exists already and was not changed: --force replaces it')
  const replaced = await run(ONE, { force: true }, 'mine')
  expect(replaced.code).toBe(0)
  expect(replaced.written).toContain('/base/a')
})

test('without a camera nothing is written, and the reason is printed', async () => {
  const none = { cameras: [], notes: ['Nothing can list them.'] }
  const { code, written, printed, errors } = await run(none)
  expect([code, written, printed]).toEqual([1, undefined, ''])
  expect(errors).toContain('No camera found, so nothing was written.\n  Nothing can list them.')
  expect(errors).toContain('rpi-webrtc init --test-mode')
})

test('--test-mode writes a test pattern', async () => {
  const { code, written, path } = await run({ cameras: [], notes: [] }, { testMode: true })
  expect(code).toBe(0)
  expect(parseConfig(written!, path).cameras[0]?.device).toEqual({ kind: 'test', pattern: 'smpte' })
})

test('--stdout prints the configuration, even if the file exists', async () => {
  const { code, written, printed } = await run(ONE, { stdout: true }, 'mine')
  expect([code, written]).toEqual([0, 'mine'])
  expect(parseConfig(printed, 'stdout').cameras).toHaveLength(1)
})

test('--json prints the settings and their reasons', async () => {
  const { path, printed, written } = await run(ONE, { json: true })
  expect(written).toBeDefined()
  expect(JSON.parse(printed)).toMatchObject({
    path,
    codec: 'h264',
    why: 'this machine encodes H.264 in hardware',
    cameras: [{ key: 'camera1', device: '/base/a', width: 1280, why: 'what this machine can encode' }],
  })
  const shown = JSON.parse((await run(ONE, { json: true, stdout: true })).printed) as { toml: string }
  expect(parseConfig(shown.toml, 'stdout').cameras).toHaveLength(1)
})

test('a microphone is suggested for its camera, and its sound stays off', async () => {
  const microphone: Microphone = {
    device: 'hw:CARD=C920',
    card: 'C920',
    name: 'HD Pro\nWebcam',
    node: '/dev/snd/pcmC1D0c',
    kind: 'usb',
  }
  const { written, printed, path } = await run(ONE, {}, undefined, [microphone])
  expect(written).toContain('\n# Sound of HD Pro Webcam. It is off')
  expect(written).toContain('\n#[camera1.audio]\n#device = "hw:CARD=C920"\n')
  expect(printed).toContain('its sound is off; [camera1.audio] in the file is a suggestion')
  expect(parseConfig(written!, path).cameras).toHaveLength(1)
  const shown = JSON.parse((await run(ONE, { json: true }, undefined, [microphone])).printed) as object
  expect(shown).toMatchObject({ cameras: [{ microphone: { device: 'hw:CARD=C920' } }] })
  expect((await run(ONE)).written).not.toContain('audio')
})

test('notes about cameras are printed as well', async () =>
  expect((await run({ ...ONE, notes: ['No modules.'] })).errors).toBe('No modules.'))

test('a path that cannot be written is reported', async () => {
  const { code, errors } = await run(ONE, { path: '/nonexistent/config.toml' })
  expect(code).toBe(1)
  expect(errors).toBe('/nonexistent/config.toml cannot be written: its folder does not exist')
})
