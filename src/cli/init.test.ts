import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { exampleMachine } from '../../test/fakes/examples.js'
import type { CameraList } from '../camera/devices/discover.js'
import { parseConfig } from '../config/parse.js'
import { init, type InitOptions } from './init.js'

const ONE: CameraList = { cameras: [{ kind: 'libcamera', device: '/base/a', name: 'imx219' }], notes: [] }

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'rpi-webrtc-init-'))
  onTestFinished(async () => await rm(path, { recursive: true }))
  return path
}

/** The command in a folder of its own: what it said, and what it left in config.toml. */
async function run(found: CameraList, about: Partial<InitOptions> = {}, before?: string) {
  const path = join(await folder(), 'config.toml')
  if (before !== undefined) await writeFile(path, before)
  const [printed, complained]: [string[], string[]] = [[], []]
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
  }
  const code = await init(options, machine, {
    env: {},
    nodeVersion: '20.19.0',
    print: (text) => void printed.push(text),
    printError: (text) => void complained.push(text),
  })
  const written = await readFile(options.path, 'utf8').catch(() => undefined)
  return { code, path, written, printed: printed.join('\n'), complained: complained.join('\n') }
}

test('the cameras that were found are written, for owner and group to read', async () => {
  const { code, path, written, printed } = await run(ONE)
  expect(code).toBe(0)
  expect(parseConfig(written!, path).cameras[0]?.device).toEqual({ kind: 'libcamera', name: '/base/a' })
  expect((await stat(path)).mode & 0o007).toBe(0)
  expect(printed).toContain(`${path} was written:\n  camera1: imx219, 1280x720 at 30`)
  expect(printed).toContain(`Next: rpi-webrtc doctor --config ${path}`)
})

test('a file that is there is left as it is, unless it is to be replaced', async () => {
  const kept = await run(ONE, {}, 'mine')
  expect([kept.code, kept.written]).toEqual([1, 'mine'])
  expect(kept.complained).toContain('is there already and was left as it is: --force replaces it')
  const replaced = await run(ONE, { force: true }, 'mine')
  expect(replaced.code).toBe(0)
  expect(replaced.written).toContain('/base/a')
})

test('without a camera nothing is written, and the reason is told', async () => {
  const none = { cameras: [], notes: ['Nothing can list them.'] }
  const { code, written, printed, complained } = await run(none)
  expect([code, written, printed]).toEqual([1, undefined, ''])
  expect(complained).toContain('No camera found, so nothing was written.\n  Nothing can list them.')
  expect(complained).toContain('rpi-webrtc init --test-mode')
})

test('a test picture is written when it is asked for', async () => {
  const { code, written, path } = await run({ cameras: [], notes: [] }, { testMode: true })
  expect(code).toBe(0)
  expect(parseConfig(written!, path).cameras[0]?.device).toEqual({ kind: 'test', pattern: 'smpte' })
})

test('what would be written is printed, and a file that is there does not matter', async () => {
  const { code, written, printed } = await run(ONE, { stdout: true }, 'mine')
  expect([code, written]).toEqual([0, 'mine'])
  expect(parseConfig(printed, 'stdout').cameras).toHaveLength(1)
})

test('what was chosen and why is told to programs', async () => {
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

test('what could not be looked for is told beside what was written', async () =>
  expect((await run({ ...ONE, notes: ['No modules.'] })).complained).toBe('No modules.'))

test('a place that cannot be written to is told', async () => {
  const { code, complained } = await run(ONE, { path: '/nonexistent/config.toml' })
  expect(code).toBe(1)
  expect(complained).toBe('/nonexistent/config.toml cannot be written: its folder does not exist')
})
