import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Flags } from './args.js'
import { defaultConfig } from '../config/parse.js'
import { ExhaustedError } from '../lib/exhausted.js'
import { NO_FILE } from '../config/source.js'
import type { FoundTables } from './found-cameras.js'
import { cameraNamed, loadConfig as load, type ConfigFiles } from './load-config.js'

const none: Flags = {
  configPath: undefined,
  testMode: false,
  debug: false,
  piIp: undefined,
  logFormat: 'auto',
}

const FOUND: FoundTables = { origin: 'found', toml: '\n[camera1]\ndevice = "/dev/video7"\n', notes: [] }
const loadConfig = async (flags: Flags, files: ConfigFiles, found = FOUND) =>
  await load(flags, files, async () => await Promise.resolve(found))

describe('loadConfig', () => {
  const folder = async (content: Record<string, string | Uint8Array> = {}) => {
    const cwd = await mkdtemp(join(tmpdir(), 'rpi-webrtc-cli-'))
    onTestFinished(() => rm(cwd, { recursive: true }))
    for (const [name, text] of Object.entries(content)) await writeFile(join(cwd, name), text)
    const places = ['config.toml', 'installed.toml']
    return { cwd, places, readFile: (path: string) => readFile(path) }
  }
  const one = '[camera1]\ndevice = "/dev/video0"\n'

  test('without a file the cameras found are served, with the defaults', async () => {
    const { config, ...about } = await loadConfig(none, await folder())
    expect(about).toMatchObject({ warnings: [], source: NO_FILE, origin: 'found' })
    expect(about.foundTables).toContain('device = "/dev/video7"')
    expect(config.cameras).toMatchObject([{ key: 'camera1', device: { kind: 'v4l2', path: '/dev/video7' } }])
    expect(config.server).toEqual(defaultConfig().server)
  })

  test('without a file, test mode needs no search', async () => {
    const { config, origin } = await load(
      { ...none, testMode: true },
      await folder(),
      async () => await Promise.reject(new Error('searched')),
    )
    expect([config.cameras.length, origin]).toEqual([2, 'file'])
  })

  test('a file without a camera keeps its settings and gets the cameras found', async () => {
    const files = await folder({ 'config.toml': '[server]\nweb-port = 9000' })
    const { config, ...about } = await loadConfig(none, files)
    expect(about).toMatchObject({ warnings: [], source: 'config.toml', origin: 'found' })
    expect([config.server.webPort, config.cameras.length]).toEqual([9000, 1])
  })

  test('a misspelled camera is an error, not a reason to search', async () =>
    await expect(
      loadConfig(none, await folder({ 'config.toml': '[camrea1]\ndevice = "/dev/video0"' })),
    ).rejects.toThrow('camrea1: is not a table of this file'))

  test('where no camera was found, a warning says why', async () => {
    const nothing: FoundTables = {
      origin: 'test-picture',
      toml: '\n[camera1]\ndevice = "test:smpte"\n',
      notes: ['The cable is loose.'],
    }
    const { warnings, origin, foundTables } = await loadConfig(none, await folder(), nothing)
    expect(foundTables, 'a test picture is not for the file').toBeUndefined()
    expect(origin).toBe('test-picture')
    expect(warnings).toMatchObject([{ hint: 'The cable is loose.' }])
  })

  test('the file of the service is read without another one, and config.toml takes precedence', async () => {
    const installed = { 'installed.toml': '[camera3]\ndevice = "/dev/video3"\n' }
    expect((await loadConfig(none, await folder(installed))).source).toBe('installed.toml')
    const both = await folder({ ...installed, 'config.toml': one })
    expect((await loadConfig(none, both)).source).toBe('config.toml')
  })

  test('test pictures need no right to read the file of the service', async () => {
    const { cwd, places } = await folder()
    const files: ConfigFiles = {
      cwd,
      places,
      readFile: (path) =>
        Promise.reject(
          Object.assign(new Error('no'), { code: path.endsWith('installed.toml') ? 'EACCES' : 'ENOENT' }),
        ),
    }
    expect((await loadConfig({ ...none, testMode: true }, files)).source).toBe(NO_FILE)
    await expect(loadConfig(none, files)).rejects.toThrow('installed.toml has 1 problem:\n  the file may not')
  })

  test('config.toml of the current folder is read', async () => {
    const { config, source } = await loadConfig(none, await folder({ 'config.toml': one }))
    expect(source).toBe('config.toml')
    expect(config.cameras.map(({ key }) => key)).toEqual(['camera1'])
  })

  test('--config takes precedence over config.toml', async () => {
    const files = await folder({ 'config.toml': 'broken', 'a.toml': one })
    expect((await loadConfig({ ...none, configPath: 'a.toml' }, files)).source).toBe('a.toml')
  })

  test('--test-mode and --pi-ip take precedence over the file', async () => {
    const files = await folder({ 'config.toml': `${one}[server]\npi-ip = "10.0.0.1"` })
    const { config } = await loadConfig({ ...none, testMode: true, piIp: '192.168.1.20' }, files)
    expect(config.server.piIp).toBe('192.168.1.20')
    expect(config.cameras[0]?.device).toEqual({ kind: 'test', pattern: 'smpte' })
  })

  test('a missing file of --config is an error that names it', async () =>
    await expect(loadConfig({ ...none, configPath: 'no/such.toml' }, await folder())).rejects.toThrow(
      'no/such.toml has 1 problem:\n  the file does not exist: check the path, or copy config.example.toml there',
    ))

  test('a folder is an error', async () =>
    await expect(loadConfig({ ...none, configPath: '.' }, await folder())).rejects.toThrow('is a folder'))

  test('an unreadable file is an error, with or without --config', async () => {
    const denied = Object.assign(new Error('no'), { code: 'EACCES' })
    const full = Object.assign(new Error('EMFILE'), { code: 'EMFILE', syscall: 'open' })
    await expect(
      loadConfig(none, { cwd: '/', places: ['a'], readFile: () => Promise.reject(full) }),
      'which is no mistake of the file',
    ).rejects.toThrow(ExhaustedError)
    await expect(
      loadConfig(none, { cwd: '/', places: ['a'], readFile: () => Promise.reject(denied) }),
    ).rejects.toThrow('may not be read by this user')
  })

  test.each([
    ['UTF-16', Buffer.from('\uFEFF' + one, 'utf16le'), 'the file is UTF-16: save it as UTF-8'],
    [
      'Latin-1',
      Buffer.from(`${one}name = "T\u00fcr"`, 'latin1'),
      'the file is not UTF-8 (line 3): save it as UTF-8',
    ],
    [
      'a film',
      Buffer.alloc(300_000),
      'the file has 300000 bytes, more than 262144: this is not a configuration',
    ],
  ])(
    '%s is refused',
    async (_, bytes, message) =>
      await expect(loadConfig(none, await folder({ 'config.toml': bytes }))).rejects.toThrow(message),
  )

  test('UTF-8 with a byte order mark is UTF-8', async () => {
    const { config } = await loadConfig(none, await folder({ 'config.toml': `\uFEFF${one}name = "Tür"` }))
    expect(config.cameras[0]?.name).toBe('Tür')
  })
})

test('a camera is found by its name, and a similar name is suggested', () => {
  expect(cameraNamed(defaultConfig(), 'camera2').webrtcPort).toBe(5558)
  expect(() => cameraNamed(defaultConfig(), 'camrea2')).toThrow('did you mean "camera2"?')
  expect(() => cameraNamed(defaultConfig(), 'x')).toThrow('there are camera1, camera2')
})
