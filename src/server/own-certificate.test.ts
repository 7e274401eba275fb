import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { filesIn } from '../certificate/files.js'
import { makeCertificate } from '../certificate/make.js'
import { defaultConfig } from '../config/parse.js'
import type { Log } from '../log.js'
import { createOwnCertificate, type OwnCertificateOptions } from './own-certificate.js'

const DAY_MS = 24 * 3600 * 1000

async function own(about: OwnCertificateOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'rpi-webrtc-own-'))
  onTestFinished(async () => await rm(folder, { recursive: true }))
  const files = filesIn(folder)
  const made = await makeCertificate({
    files,
    machineNames: ['pi.local'],
    askedNames: ['cams.lan'],
    newAuthority: false,
    commonName: 'rpi-webrtc pi',
    owner: { uid: process.getuid!(), gid: process.getgid!(), mode: 0o600 },
    nowMs: Date.now(),
  })
  const config = defaultConfig()
  config.server.tls = { certPath: files.cert, keyPath: files.key }
  const logged: string[] = []
  const note = (message: string): void => void logged.push(message)
  const log: Log = { debug: () => {}, info: note, warn: note, error: note }
  const certificate = createOwnCertificate(config, log, { interfaces: () => ({}), ...about })
  onTestFinished(() => certificate[Symbol.dispose]())
  const read = async () => new X509Certificate(await readFile(files.cert))
  return { files, made, certificate, logged, read, config }
}

test('the server renews its certificate when 30 days are left, and keeps the names', async () => {
  const { certificate, logged, read, made } = await own({ nowMs: () => Date.now() + 370 * DAY_MS })
  await certificate.renew()
  const cert = await read()
  expect(Date.parse(cert.validTo)).toBeGreaterThan(made.validTo.getTime())
  expect(cert.checkHost('cams.lan')).toBe('cams.lan')
  expect(cert.checkHost('localhost')).toBe('localhost')
  expect(logged).toEqual([expect.stringMatching(/tls-cert\.pem is made anew: it expires in 2[56] days$/)])
  await certificate.renew()
  expect(logged).toHaveLength(1)
})

test('the server adds a new address', async () => {
  const usb0 = {
    address: '169.254.3.4',
    family: 'IPv4',
    internal: false,
    netmask: '',
    mac: '',
    cidr: null,
  } as const
  const { certificate, read } = await own({ interfaces: () => ({ usb0: [usb0] }) })
  await certificate.renew()
  expect((await read()).checkIP('169.254.3.4')).toBe('169.254.3.4')
})

test('without the key of the authority it asks for the command, once, and only near the end', async () => {
  let nowMs = Date.now()
  const { certificate, logged, files, read } = await own({ nowMs: () => nowMs })
  await rm(files.authorityKey)
  const before = (await read()).serialNumber
  await certificate.renew()
  expect(logged).toEqual([])
  nowMs += 370 * DAY_MS
  await certificate.renew()
  await certificate.renew()
  expect(logged).toHaveLength(1)
  expect(logged[0]).toContain(`tls-ca-key.pem is missing`)
  expect(logged[0]).toContain('Run "sudo rpi-webrtc certificate" again')
  expect((await read()).serialNumber).toBe(before)
})

test('it gives out the authority of the certificate in force, and nothing else of the folder', async () => {
  const { certificate, files, made, config } = await own()
  const cert = await readFile(files.cert, 'utf8')
  const authority = await certificate.authority(cert)
  expect(authority?.fingerprint).toBe(made.fingerprint)
  expect(authority?.pem).toMatch(/^-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?$/)
  expect(await certificate.authority(undefined)).toBeUndefined()
  config.server.tls = { certPath: '/etc/fullchain.pem', keyPath: '/etc/privkey.pem' }
  expect(await certificate.authority(cert)).toBeUndefined()
  await certificate.renew()
})
