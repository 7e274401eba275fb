import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { isIP, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer } from 'node:tls'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { filesIn, type CertificateFiles } from './files.js'
import { makeCertificate, type MakeOptions } from './make.js'

const run = promisify(execFile)
const DAY_MS = 24 * 3600 * 1000
const NOW_MS = Date.UTC(2026, 10, 30)
const NAMES = ['pi', 'pi.local', 'localhost', '192.168.1.20', 'fd00::2', '127.0.0.1']

async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'rpi-webrtc-certificate-'))
  onTestFinished(async () => await rm(path, { recursive: true }))
  const files = filesIn(path)
  const make = async (about: Partial<MakeOptions> = {}) =>
    await makeCertificate({
      files,
      machineNames: NAMES,
      askedNames: [],
      newAuthority: false,
      commonName: 'rpi-webrtc pi',
      owner: { uid: process.getuid!(), gid: process.getgid!(), mode: 0o600 },
      nowMs: NOW_MS,
      ...about,
    })
  const contents = async (): Promise<Record<string, string>> =>
    Object.fromEntries(
      await Promise.all(
        (await readdir(path)).map(async (name) => [name, await readFile(join(path, name), 'utf8')]),
      ),
    ) as Record<string, string>
  return { files, make, contents }
}

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777

/** What a client that trusts only this authority finds out about a name. Dates count from the real clock. */
async function handshake(files: CertificateFiles, name: string): Promise<string> {
  const [cert, key, ca] = await Promise.all(
    [files.cert, files.key, files.authority].map(async (path) => await readFile(path)),
  )
  const server = createServer({ cert, key }).listen(0, '127.0.0.1')
  server.on('tlsClientError', () => {})
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const socket = connect({ port, host: '127.0.0.1', ca, checkServerIdentity: () => undefined })
  onTestFinished(() => void socket.destroy())
  try {
    await once(socket, 'secureConnect')
  } catch (error) {
    return (error as Error).message
  }
  const certificate = socket.getPeerX509Certificate()!
  const found = isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)
  return found === undefined ? 'other name' : 'ok'
}

test('a client that trusts the authority accepts the certificate for the names and addresses', async () => {
  const { files, make } = await folder()
  await make({ nowMs: Date.now(), askedNames: ['cams.example'] })
  for (const name of [...NAMES, 'cams.example'])
    expect([name, await handshake(files, name)]).toEqual([name, 'ok'])
  expect(await handshake(files, 'example.org')).toBe('other name')
})

test('OpenSSL finds nothing wrong with the certificate by the letter of RFC 5280', async () => {
  const { files, make } = await folder()
  await make({ nowMs: Date.now() })
  const strict = ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', files.authority, files.cert]
  expect((await run('openssl', strict)).stdout).toContain(': OK')
})

test('the certificate is as short as Safari asks, and only its owner may read the keys', async () => {
  const { files, make } = await folder()
  const made = await make()
  const cert = new X509Certificate(await readFile(files.cert))
  expect(Date.parse(cert.validTo) - Date.parse(cert.validFrom)).toBeLessThanOrEqual(398 * DAY_MS)
  expect(cert.ca).toBe(false)
  expect(made).toMatchObject({ authority: 'new', certificate: 'new', names: NAMES, dropped: [] })
  expect(await modeOf(files.authorityKey)).toBe(0o600)
  expect(await modeOf(files.key)).toBe(0o600)
  expect(await modeOf(files.cert)).toBe(0o644)
})

test('a group may be given the key of the server, but not that of the authority', async () => {
  const { files, make } = await folder()
  await make({ owner: { uid: process.getuid!(), gid: process.getgid!(), mode: 0o640 } })
  expect(await modeOf(files.key)).toBe(0o640)
  expect(await modeOf(files.authorityKey)).toBe(0o600)
})

test('made again, nothing changes', async () => {
  const { make, contents } = await folder()
  await make()
  const before = await contents()
  expect(await make({ nowMs: NOW_MS + 300 * DAY_MS })).toMatchObject({
    authority: 'kept',
    certificate: 'kept',
  })
  expect(await contents()).toEqual(before)
})

test('with less than 30 days left it is renewed: same authority, same key, same names', async () => {
  const { files, make, contents } = await folder()
  const first = await make()
  const before = await contents()
  const later = NOW_MS + 370 * DAY_MS
  const renewed = await make({ nowMs: later, machineNames: ['pi.local', '192.168.1.21'] })
  expect(renewed).toMatchObject({
    authority: 'kept',
    certificate: 'renewed',
    reason: 'it expires in 26 days',
  })
  expect(renewed.validTo.getTime()).toBe(first.validTo.getTime() + 370 * DAY_MS)
  expect([...renewed.names].sort()).toEqual([...NAMES, '192.168.1.21'].sort())
  const after = await contents()
  expect(Object.keys(after).filter((name) => after[name] !== before[name])).toEqual(['tls-cert.pem'])
  expect(await modeOf(files.key)).toBe(0o600)
})

test('a new address is added at once', async () => {
  const { make } = await folder()
  await make()
  const made = await make({ machineNames: [...NAMES, '10.0.0.7'] })
  expect(made).toMatchObject({ certificate: 'renewed', reason: 'it lacks 10.0.0.7' })
  expect(made.names).toContain('10.0.0.7')
})

test('the authority signs nothing outside of the local names and what it was made for', async () => {
  const { files, make, contents } = await folder()
  await make({ askedNames: ['cams.example'] })
  const before = await contents()
  await expect(make({ askedNames: ['bank.example', '8.8.8.8'] })).rejects.toThrow(
    `${files.authority} was not made for bank.example, 8.8.8.8: --force makes a new authority`,
  )
  expect(await contents()).toEqual(before)
  const renamed = await make({ machineNames: ['cam', 'cam.local'] })
  expect(renamed).toMatchObject({ certificate: 'renewed', dropped: ['cam'] })
  expect(renamed.names).toContain('cam.local')
})

test('a client rejects what the authority signs beyond its names', async () => {
  const { files, make } = await folder()
  const { issueCertificate } = await import('./issue.js')
  await make({ nowMs: Date.now() })
  const [cert, key, server] = await Promise.all(
    [files.authority, files.authorityKey, files.key].map(async (path) => await readFile(path, 'utf8')),
  )
  await writeFile(
    files.cert,
    await issueCertificate({ cert: cert!, key: key! }, server!, ['bank.example'], Date.now()),
  )
  expect(await handshake(files, 'bank.example')).toBe('permitted subtree violation')
})

test('--force makes another authority, and a certificate that it signed', async () => {
  const { files, make } = await folder()
  const first = await make()
  const second = await make({ newAuthority: true, askedNames: ['bank.example'], nowMs: Date.now() })
  expect(second).toMatchObject({ authority: 'new', certificate: 'renewed' })
  expect(second.fingerprint).not.toBe(first.fingerprint)
  expect(await handshake(files, 'bank.example')).toBe('ok')
})

test.each<[string, (files: CertificateFiles) => Promise<void>, string]>([
  [
    'without its key',
    async ({ authorityKey }) => await rm(authorityKey),
    'tls-ca-key.pem is missing: restore it',
  ],
  [
    'without its certificate',
    async ({ authority }) => await rm(authority),
    'tls-ca.pem is missing: restore it',
  ],
  ['with garbage', async ({ authority }) => await writeFile(authority, 'x'), 'tls-ca.pem cannot sign'],
])('an authority %s is an error, and is not replaced', async (_what, damage, message) => {
  const { files, make, contents } = await folder()
  await make()
  await damage(files)
  const before = await contents()
  await expect(make()).rejects.toThrow(message)
  expect(await contents()).toEqual(before)
})

test.each(['cert', 'key'] as const)('a damaged %s of the server is made anew', async (which) => {
  const { files, make } = await folder()
  await make({ nowMs: Date.now() })
  await writeFile(files[which], 'x')
  expect(await make({ nowMs: Date.now() })).toMatchObject({ authority: 'kept', certificate: 'new' })
  expect(await handshake(files, 'pi.local')).toBe('ok')
})

test('an authority that ends soon does not have the certificate made again and again', async () => {
  const { make } = await folder()
  const { authorityValidTo } = await make()
  const nowMs = authorityValidTo.getTime() - 20 * DAY_MS
  expect(await make({ nowMs })).toMatchObject({ certificate: 'renewed', validTo: authorityValidTo })
  expect(await make({ nowMs })).toMatchObject({ certificate: 'kept' })
  await expect(make({ nowMs: authorityValidTo.getTime() + DAY_MS })).rejects.toThrow('has expired: --force')
})

test('a machine whose clock is not set makes nothing', async () => {
  const { make, contents } = await folder()
  await expect(make({ nowMs: 0 })).rejects.toThrow('the clock of this machine says 1970-01-01')
  expect(await contents()).toEqual({})
})

test('a folder that does not exist is an error', async () => {
  const { make } = await folder()
  await expect(make({ files: filesIn('/nonexistent/folder') })).rejects.toThrow('its folder does not exist')
})
