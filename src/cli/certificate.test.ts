import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parseConfig } from '../config/parse.js'
import { certificate } from './certificate.js'
import type { CertificateRequest } from './command-args.js'

const CAMERA = '[camera1]\ndevice = "test:ball"\n'

async function command(toml: string | undefined) {
  const folder = await mkdtemp(join(tmpdir(), 'rpi-webrtc-command-'))
  onTestFinished(async () => await rm(folder, { recursive: true }))
  const configPath = join(folder, 'config.toml')
  if (toml !== undefined) await writeFile(configPath, toml)
  const run = async (about: Partial<CertificateRequest> = {}) => {
    const lines: string[] = []
    const print = (text: string): void => void lines.push(text)
    const text = toml === undefined ? CAMERA : await readFile(configPath, 'utf8')
    const code = await certificate(
      { command: 'certificate', names: [], folder, force: false, write: false, ...about },
      {
        config: parseConfig(text, 'config.toml'),
        configPath: toml === undefined ? undefined : configPath,
        user: { uid: process.getuid!(), gid: process.getgid!() },
        nowMs: Date.now(),
      },
      { env: {}, nodeVersion: '', print, printError: print },
    )
    return { code, output: lines.join('\n') }
  }
  return { folder, configPath, run }
}

test('it prints the lines for the configuration, the names and the fingerprint', async () => {
  const { folder, configPath, run } = await command(CAMERA)
  const { code, output } = await run({ names: ['cams.lan'] })
  expect(code).toBe(0)
  expect(output).toContain(`Write into [server] of ${configPath}, or use --write:`)
  expect(output).toContain(`tls-cert = "${join(folder, 'tls-cert.pem')}"`)
  expect(output).toMatch(/valid until 20\d\d-\d\d-\d\d, for .*localhost.*cams\.lan/)
  expect(output).toMatch(/SHA-256 (?:[0-9A-F]{2}:){31}[0-9A-F]{2}/)
  expect(output.toLowerCase()).toContain(hostname().toLowerCase().split('.')[0])
  expect(await readFile(configPath, 'utf8')).toBe(CAMERA)
})

test('--write writes them once, and keeps the rest of the file', async () => {
  const before = `# mine\n[server]\nweb-port = 8443 # https\n\n${CAMERA}`
  const { folder, configPath, run } = await command(before)
  expect(await run({ write: true })).toMatchObject({ code: 0 })
  const cert = join(folder, 'tls-cert.pem')
  const key = join(folder, 'tls-key.pem')
  const lines = `web-port = 8443 # https\ntls-cert = "${cert}"\ntls-key = "${key}"\n`
  expect(await readFile(configPath, 'utf8')).toBe(before.replace('web-port = 8443 # https\n', lines))
  const { mtimeMs } = await stat(cert)
  const second = await run({ write: true })
  expect(second.output).toContain('kept, nothing to do')
  expect(second.output).toContain('A running server applies it')
  expect((await stat(cert)).mtimeMs).toBe(mtimeMs)
})

test('the names of the configuration are in the certificate', async () => {
  const { run } = await command(`[server]\nnames = ["cams.example"]\npi-ip = "203.0.113.7"\n${CAMERA}`)
  expect((await run()).output).toMatch(/for .*cams\.example.*203\.0\.113\.7/)
})

test('--write does not replace a certificate of another kind', async () => {
  const before = `[server]\ntls-cert = "/etc/a.pem"\ntls-key = "/etc/b.pem"\n${CAMERA}`
  const { configPath, run } = await command(before)
  const { code, output } = await run({ write: true })
  expect(code).toBe(1)
  expect(output).toContain('names another certificate already, /etc/a.pem: remove its two lines first')
  expect(await readFile(configPath, 'utf8')).toBe(before)
})

test('--write without a configuration file is an error that names init', async () => {
  const { run } = await command(undefined)
  expect(await run({ write: true })).toMatchObject({
    code: 1,
    output: expect.stringContaining('rpi-webrtc init') as string,
  })
})

test('what cannot be made is one sentence and exit code 1', async () => {
  const { run } = await command(CAMERA)
  await run()
  const { code, output } = await run({ names: ['bank.example'] })
  expect(code).toBe(1)
  expect(output).toContain('was not made for bank.example: --force makes a new authority')
})
