import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ConfigError, MissingError } from '../errors.js'
import { WorkQueue } from '../lib/work-queue.js'
import { silentLog } from '../log.js'
import { createCameraSettings, type CameraSettingsOptions } from './camera-settings.js'

const FILE = '# mine\n[camera1]\ndevice = "test:smpte" # a picture\nwidth = 640\n\n[video]\ncodec = "vp8"\n'
const OFFER = {
  device: '/dev/video7',
  node: undefined,
  name: 'HD "Pro"',
  kind: 'v4l2' as const,
  modes: '',
  settings: () => ({ name: 'HD "Pro"', device: '/dev/video7', width: 320 }),
}

async function settingsOf(text: string, about: Partial<CameraSettingsOptions> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'settings-'))
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'config.toml')
  await writeFile(path, text, { mode: 0o640 })
  const loaded: string[] = []
  const settings = createCameraSettings({
    configFile: () => path,
    foundTables: () => undefined,
    findCameras: async () => await Promise.resolve([OFFER]),
    reload: async () => void loaded.push(await readFile(path, 'utf8')),
    fileWork: new WorkQueue(),
    log: silentLog,
    ...about,
  })
  type Change = Parameters<typeof settings.preview>[0]
  return {
    path,
    loaded,
    settings,
    text: async () => await readFile(path, 'utf8'),
    change: async (change: Change) => await settings.apply(change, (await settings.preview(change)).preview),
  }
}
const wider = { camera: 'camera1', values: { width: 800, name: 'Bird box' } }

test('the preview has the lines that the change writes, and undo writes them back', async () => {
  const { settings, path, text, loaded } = await settingsOf(FILE)
  const { preview, ...shown } = await settings.preview(wider)
  expect(shown).toEqual({
    path,
    camera: 'camera1',
    lines: [
      { sign: '-', number: 4, text: 'width = 640' },
      { sign: '+', number: 4, text: 'width = 800' },
      { sign: '+', number: 5, text: 'name = "Bird box"' },
    ],
    applies: 'restart',
  })
  expect(await text()).toBe(FILE)
  expect((await settings.apply(wider, preview)).lines).toEqual(shown.lines)
  const changed = FILE.replace('640', '800\nname = "Bird box"')
  expect([await text(), loaded, await readFile(`${path}.bak`, 'utf8')]).toEqual([changed, [changed], FILE])
  expect((await settings.describe()).undo).toMatchObject({
    lines: [{ sign: '-', text: 'width = 800' }, { sign: '-' }, { sign: '+', text: 'width = 640' }],
  })
  await settings.undo()
  expect(await text()).toBe(FILE)
  expect((await settings.describe()).undo).toBeUndefined()
  await expect(settings.undo()).rejects.toMatchObject({ code: 'nothing-to-undo', status: 409 })
})

test('a found camera gets the next table', async () => {
  const { settings, text, change } = await settingsOf(FILE)
  expect((await settings.preview({ add: '/dev/video7' })).applies).toBe('added')
  await change({ add: '/dev/video7' })
  expect(await text()).toBe(
    FILE.replace(
      '\n[video]',
      '\n[camera2]\nname = "HD \\"Pro\\""\ndevice = "/dev/video7"\nwidth = 320\n\n[video]',
    ),
  )
  await expect(settings.preview({ add: '/dev/video8' })).rejects.toMatchObject({
    code: 'no-such-device',
    status: 404,
  })
})

test('a file without cameras gets the tables of those that are served, too', async () => {
  const { settings, text, change } = await settingsOf('[server]\nweb-port = 8081\n', {
    foundTables: () => '\n[camera1]\ndevice = "/dev/video0"\nwidth = 640\n',
  })
  expect(await settings.describe()).toMatchObject({
    found: true,
    cameras: [{ key: 'camera1', device: '/dev/video0' }],
  })
  await change({ camera: 'camera1', values: { width: null, name: 'Door' } })
  expect(await text()).toBe('[server]\nweb-port = 8081\n\n[camera1]\ndevice = "/dev/video0"\nname = "Door"\n')
})

test('the first camera of a file that served a test picture is camera1', async () => {
  const { text, change } = await settingsOf('')
  await change({ add: '/dev/video7' })
  expect(await text()).toBe('[camera1]\nname = "HD \\"Pro\\""\ndevice = "/dev/video7"\nwidth = 320\n')
})

test.each([
  [new ConfigError(['server.tls-cert: cannot be read'], 'config.toml'), 'server.tls-cert: cannot be read'],
  [
    new MissingError({ message: 'no encoder for H.264', hint: 'sudo apt install x' }),
    'no encoder for H.264 -> sudo apt install x',
  ],
  [new Error('port 1 is in use'), 'port 1 is in use'],
])('a change that the program rejects puts the file back: %s', async (error, reason) => {
  const seen: string[] = []
  let path = ''
  const setup = await settingsOf(FILE, {
    reload: async () => {
      seen.push(await readFile(path, 'utf8'))
      if (seen.length === 1) throw error
    },
  })
  ;({ path } = setup)
  await expect(setup.change(wider)).rejects.toMatchObject({
    code: 'change-rejected',
    status: 409,
    message: expect.stringContaining(reason) as string,
  })
  expect(await setup.text()).toBe(FILE)
  expect((await stat(path)).mode & 0o777).toBe(0o640)
  // The file that is back is loaded again: parts of the change may be in force.
  expect(seen).toEqual([FILE.replace('640', '800\nname = "Bird box"'), FILE])
  expect((await setup.settings.describe()).undo).toBeUndefined()
})

test.each<[string, object, object]>([
  [
    'a value out of range',
    { width: 33 },
    {
      code: 'invalid-settings',
      status: 400,
      message: 'camera1.width: 33 is odd, and encoders accept even numbers only: write 32',
    },
  ],
  ['a text for a number', { height: '12' }, { code: 'invalid-settings' }],
  ['a key that is not in the form', { device: 'test:ball' }, { code: 'invalid-settings' }],
  ['a key of every object', { constructor: 1 }, { code: 'invalid-settings' }],
])('%s is rejected with what to write', async (_, values, error) => {
  const { settings } = await settingsOf(FILE)
  await expect(
    settings.preview({ camera: 'camera1', values: values as Record<string, number> }),
  ).rejects.toMatchObject(error)
})

test('texts are written as TOML, whatever they have in them', async () => {
  const { settings, text, change } = await settingsOf(FILE)
  await change({ camera: 'camera1', values: { name: 'a"]\\ [server] # 😀' } })
  expect(await text()).toContain('name = "a\\"]\\\\ [server] # 😀"\n')
  const line = { camera: 'camera1', values: { name: 'a\nb = 1' } }
  await expect(settings.preview(line)).rejects.toMatchObject({ code: 'invalid-settings' })
})

test('what is applied is what was shown', async () => {
  const { settings, path, text } = await settingsOf(FILE)
  const { preview } = await settings.preview(wider)
  const edited = FILE.replace('# mine', '# yours')
  await writeFile(path, edited)
  await expect(settings.apply(wider, preview)).rejects.toMatchObject({ code: 'file-changed', status: 409 })
  const other = { camera: 'camera1', values: { width: 1024 } }
  await expect(settings.apply(other, preview)).rejects.toMatchObject({ code: 'file-changed' })
  expect(await text()).toBe(edited)
})

test('an edited file is not undone', async () => {
  const { settings, path, change } = await settingsOf(FILE)
  await change(wider)
  await writeFile(path, `${FILE}# more\n`)
  expect((await settings.describe()).undo).toBeUndefined()
  await expect(settings.undo()).rejects.toMatchObject({ code: 'file-changed' })
})

test('a change to the same value writes nothing', async () => {
  const { loaded, change } = await settingsOf(FILE)
  expect(await change({ camera: 'camera1', values: { width: 640, height: null } })).toMatchObject({
    lines: [],
  })
  expect(loaded).toEqual([])
})

test('without a file, and with a broken one, the page learns why', async () => {
  const none = await settingsOf(FILE, { configFile: () => undefined })
  expect(await none.settings.describe()).toMatchObject({ cameras: [], why: { error: 'no-file' } })
  const broken = await settingsOf('[camera1]\nwidth = [')
  expect(await broken.settings.describe()).toMatchObject({
    path: broken.path,
    why: { error: 'invalid-file' },
  })
  await expect(broken.settings.preview(wider)).rejects.toMatchObject({ code: 'invalid-file', status: 409 })
})

test.skipIf(process.getuid?.() === 0)(
  'a file that may not be written is reported before a change',
  async () => {
    const { settings, path, change } = await settingsOf(FILE)
    await chmod(path, 0o400)
    expect((await settings.describe()).why).toMatchObject({ error: 'not-writable' })
    await expect(change(wider)).rejects.toMatchObject({ code: 'not-writable' })
  },
)
