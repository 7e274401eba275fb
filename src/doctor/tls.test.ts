import { rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeCertificate } from '../../test/support/certificate.js'
import { exampleSystem, type SystemFacts } from '../../test/fakes/system.js'
import { defaultConfig } from '../config/parse.js'
import type { Config } from '../config/types.js'
import { checkTls } from './tls.js'
import type { User } from './users.js'

const DAY_MS = 24 * 3600 * 1000

/** Files of a certificate that is valid for two days, and a configuration with them. */
async function certificate() {
  const made = await makeCertificate('pi')
  onTestFinished(async () => await made[Symbol.asyncDispose]())
  const { server, ...rest } = defaultConfig()
  const config: Config = {
    ...rest,
    server: { ...server, tls: { certPath: made.certPath, keyPath: made.keyPath } },
  }
  return { ...made, config }
}

/** A machine whose clock is this much ahead. */
const inDays = (days: number, facts: SystemFacts = {}) =>
  exampleSystem({ ...facts, about: { nowMs: () => Date.now() + days * DAY_MS } })

test('without a certificate nothing is reported', async () =>
  expect(await checkTls(defaultConfig(), inDays(0), undefined)).toEqual([]))

test('a certificate is reported with its expiry date', async () => {
  const { config } = await certificate()
  expect(await checkTls(config, inDays(-20), undefined)).toMatchObject([
    { id: 'tls', status: 'warning', detail: expect.stringContaining('is not valid before') as string },
  ])
  expect(await checkTls(config, inDays(0), undefined)).toMatchObject([
    { id: 'tls', status: 'warning', detail: expect.stringContaining(' expires on 20') as string },
  ])
})

test('an expired certificate is a warning with a hint', async () => {
  const { config } = await certificate()
  expect(await checkTls(config, inDays(3), undefined)).toMatchObject([
    {
      status: 'warning',
      detail: expect.stringContaining('expired on') as string,
      hint: expect.stringContaining('certbot renew') as string,
    },
  ])
})

test('a certificate that rpi-webrtc made is renewed by rpi-webrtc', async () => {
  const { config, folder, certPath, keyPath } = await certificate()
  const tls = { certPath: join(folder, 'tls-cert.pem'), keyPath: join(folder, 'tls-key.pem') }
  await rename(certPath, tls.certPath)
  await rename(keyPath, tls.keyPath)
  const own: Config = { ...config, server: { ...config.server, tls } }
  expect(await checkTls(own, inDays(3), undefined)).toMatchObject([
    { status: 'warning', hint: expect.stringContaining('rpi-webrtc certificate') as string },
  ])
})

test('a missing or wrong file is a problem that names it', async () => {
  const { config, keyPath, certPath } = await certificate()
  await writeFile(keyPath, 'no key')
  expect(await checkTls(config, inDays(0), undefined)).toMatchObject([
    { status: 'problem', detail: expect.stringContaining('server.tls-key') as string },
  ])
  await rm(certPath)
  expect(await checkTls(config, inDays(0), undefined)).toMatchObject([
    { status: 'problem', detail: expect.stringContaining('does not exist') as string },
  ])
})

test("files that the service's user may not read are a problem, although root may", async () => {
  const { config, certPath, keyPath, folder } = await certificate()
  const service: User = { name: 'rpi-webrtc', uid: 999, gids: [998] }
  const root = { uid: 0, gid: 0 }
  const access = async (owners: SystemFacts['owners']) =>
    (await checkTls(config, inDays(0, { owners: owners! }), service)).find(({ id }) => id === 'tls-access')

  expect(await access({ [keyPath]: { ...root, mode: 0o100600 } })).toMatchObject({
    status: 'problem',
    detail: `the service's user rpi-webrtc may not read ${keyPath}`,
    hint: expect.stringContaining('sudo install -g rpi-webrtc -m 640') as string,
  })
  // As certbot keeps them: the folder is for root.
  expect(await access({ [folder]: { ...root, mode: 0o40700 } })).toMatchObject({
    detail: `the service's user rpi-webrtc may not read ${folder}`,
  })
  // And names them by links from a folder for root, wherever the files are.
  const links = { [certPath]: '/srv/cert.pem', [keyPath]: '/srv/key.pem' }
  const linked = inDays(0, { links, owners: { [folder]: { ...root, mode: 0o40700 } } })
  expect((await checkTls(config, linked, service)).map(({ id }) => id)).toContain('tls-access')
  expect(await access({ [keyPath]: { uid: 0, gid: 998, mode: 0o100640 } })).toBeUndefined()
  expect(await access({ [dirname(folder)]: { ...root, mode: 0o40755 } })).toBeUndefined()
})

test('a key that every user can read, or a certificate that every user can change, is a warning', async () => {
  const { config, certPath, keyPath } = await certificate()
  const exposed = async (certMode: number, keyMode: number) => {
    const owners = {
      [certPath]: { uid: 0, gid: 0, mode: certMode },
      [keyPath]: { uid: 0, gid: 0, mode: keyMode },
    }
    const checks = await checkTls(config, inDays(0, { owners }), undefined)
    return checks.filter(({ id }) => id === 'tls-exposed')
  }
  expect(await exposed(0o644, 0o640)).toEqual([])
  expect(await exposed(0o666, 0o604)).toMatchObject([
    {
      status: 'warning',
      detail: `server.tls-cert: any user of this machine can change ${certPath} (mode 0666)`,
      hint: `sudo chmod o-w ${certPath}`,
    },
    {
      status: 'warning',
      detail: `server.tls-key: any user of this machine can read ${keyPath} (mode 0604)`,
      hint: expect.stringContaining(`sudo chmod 640 ${keyPath}`) as string,
    },
  ])
})
