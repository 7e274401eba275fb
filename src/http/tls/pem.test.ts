import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeCertificate, type CertificateFolder } from '../../../test/support/certificate.js'
import { ConfigError } from '../../errors.js'
import { ExhaustedError } from '../../lib/exhausted.js'
import { readPem } from './pem.js'

let files: CertificateFolder
const at = (name: string): string => join(files.folder, name)
const inTheFolder = (name: string): string => name.replaceAll('$', files.folder)

beforeAll(async () => {
  files = await makeCertificate('first')
  await files.make('second', 'cert2.pem', 'key2.pem')
  await writeFile(at('text.pem'), 'hello\n')
  await writeFile(at('broken-cert.pem'), '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n')
  await writeFile(at('broken-key.pem'), '-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n')
  execFileSync('openssl', [
    'pkey',
    '-in',
    files.keyPath,
    '-aes256',
    '-passout',
    'pass:x',
    '-out',
    at('locked.pem'),
  ])
  execFileSync('openssl', ['x509', '-in', files.certPath, '-outform', 'DER', '-out', at('cert.der')])
})
afterAll(async () => await files[Symbol.asyncDispose]())

async function problemsOf(certFile: string, keyFile: string): Promise<readonly string[]> {
  const reading = readPem({ certPath: at(certFile), keyPath: at(keyFile) }, Date.now)
  return await reading.then(
    () => [],
    (error: unknown) => {
      if (error instanceof ConfigError) return error.problems
      throw error
    },
  )
}

test('a certificate and its key are read as they are', async () => {
  const { cert, key, warnings } = await readPem(files, Date.now)
  expect([cert.split('\n')[0], key.split('\n')[0]]).toEqual([
    '-----BEGIN CERTIFICATE-----',
    '-----BEGIN PRIVATE KEY-----',
  ])
  expect(warnings).toEqual([])
})

test.each([
  ['none.pem', 'key.pem', 'server.tls-cert: $/none.pem does not exist: check the path'],
  ['cert.pem', 'none.pem', 'server.tls-key: $/none.pem does not exist: check the path'],
  ['cert.pem/x', 'key.pem', 'server.tls-cert: $/cert.pem/x does not exist: check the path'],
  ['.', 'key.pem', 'server.tls-cert: $ is a folder: name the file in it'],
  ['text.pem', 'key.pem', 'server.tls-cert: $/text.pem is not a PEM file with a certificate'],
  ['cert.der', 'key.pem', 'server.tls-cert: $/cert.der is not a PEM file with a certificate'],
  ['cert.pem', 'text.pem', 'server.tls-key: $/text.pem is not a PEM file with a key'],
  [
    'key.pem',
    'key.pem',
    'server.tls-cert: $/key.pem holds a key and no certificate: are tls-cert and tls-key swapped?',
  ],
  [
    'cert.pem',
    'cert.pem',
    'server.tls-key: $/cert.pem holds a certificate and no key: are tls-cert and tls-key swapped?',
  ],
  [
    'broken-cert.pem',
    'key.pem',
    'server.tls-cert: $/broken-cert.pem holds a certificate that cannot be read',
  ],
  ['cert.pem', 'broken-key.pem', 'server.tls-key: $/broken-key.pem holds a key that cannot be read'],
  ['cert.pem', 'locked.pem', 'server.tls-key: $/locked.pem is protected by a passphrase'],
  [
    'cert.pem',
    'key2.pem',
    'server.tls-key: $/key2.pem is not the key of server.tls-cert: $/cert.pem: set the key',
  ],
])('%s with %s cannot be used: %s', async (certFile, keyFile, message) => {
  const problems = await problemsOf(certFile, keyFile)
  expect(problems).toHaveLength(1)
  expect(problems[0]).toContain(inTheFolder(message))
})

test('the problems of both files are reported at once', async () =>
  expect(await problemsOf('none.pem', 'none.pem')).toHaveLength(2))

test('an unreadable file is reported with a hint', async () => {
  const denied = async (): Promise<string> =>
    await Promise.reject(Object.assign(new Error('no'), { code: 'EACCES' }))
  await expect(readPem(files, Date.now, denied)).rejects.toThrow(
    `server.tls-key: ${files.keyPath} is not readable by this user: change its mode or owner, or use a readable copy`,
  )
})

test.each([
  [10, /^server\.tls-cert: .* expired on .*: browsers reject it; renew it$/],
  [-10, /^server\.tls-cert: .* is not valid before .*: check the clock of this machine$/],
])('a certificate is used with a warning %i days from now', async (days, warning) => {
  const { warnings } = await readPem(files, () => Date.now() + days * 24 * 3600 * 1000)
  expect(warnings).toEqual([expect.stringMatching(warning)])
})

test('files that cannot be read for want of descriptors are no mistake of the configuration', async () => {
  const full = () => Promise.reject(Object.assign(new Error('EMFILE'), { code: 'EMFILE', syscall: 'open' }))
  await expect(readPem({ certPath: 'cert.pem', keyPath: 'key.pem' }, Date.now, full)).rejects.toThrow(
    ExhaustedError,
  )
})
