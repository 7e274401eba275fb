import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Flags } from './args.js'
import { defaultConfig } from '../config/parse.js'
import { ExhaustedError } from '../lib/exhausted.js'
import { cameraNamed, loadConfig } from './load-config.js'

const none: Flags = {
  configPath: undefined,
  testMode: false,
  debug: false,
  piIp: undefined,
  logFormat: 'auto',
}

describe('loadConfig', () => {
  const folder = async (content: Record<string, string | Uint8Array> = {}) => {
    const cwd = await mkdtemp(join(tmpdir(), 'rpi-webrtc-cli-'))
    onTestFinished(() => rm(cwd, { recursive: true }))
    for (const [name, text] of Object.entries(content)) await writeFile(join(cwd, name), text)
    return { cwd, readFile: (path: string) => readFile(path) }
  }
  const one = '[camera1]\ndevice = "/dev/video0"\n'

  test('without a file the defaults apply', async () =>
    expect(await loadConfig(none, await folder())).toEqual({
      config: defaultConfig(),
      warnings: [],
      source: 'the defaults',
    }))

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
      loadConfig(none, { cwd: '/', readFile: () => Promise.reject(full) }),
      'which is no mistake of the file',
    ).rejects.toThrow(ExhaustedError)
    await expect(loadConfig(none, { cwd: '/', readFile: () => Promise.reject(denied) })).rejects.toThrow(
      'may not be read by this user',
    )
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
