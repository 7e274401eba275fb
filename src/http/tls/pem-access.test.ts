import { expect, test } from 'vitest'
import { pemExposures } from './pem-access.js'

const FILES = { certPath: '/etc/tls/cert.pem', keyPath: '/etc/tls/key.pem' }

/** What is reported of a certificate and a key with these modes, of root and a group, in a folder with that mode. */
async function reported(certMode: number, keyMode: number, folderMode = 0o755): Promise<string[]> {
  const modes: Record<string, number> = {
    [FILES.certPath]: certMode,
    [FILES.keyPath]: keyMode,
    '/etc/tls': folderMode,
  }
  const exposures = await pemExposures(FILES, {
    ownerOf: async (path) =>
      await Promise.resolve(path in modes ? { uid: 0, gid: 117, mode: modes[path]! } : undefined),
    resolve: async (path) => await Promise.resolve(path),
  })
  return exposures.map(({ detail, hint }) => `${detail}: ${hint}`)
}

test.each([
  ['for its owner only', 0o600],
  ['readable by a group', 0o640],
  ['writable by a group', 0o660],
])('a key that is %s is fine beside a certificate that all can read', async (_what, keyMode) =>
  expect(await reported(0o644, keyMode)).toEqual([]),
)

test('a key that every user can read is reported with the command that closes it', async () =>
  expect(await reported(0o644, 0o644)).toEqual([
    'server.tls-key: any user of this machine can read /etc/tls/key.pem (mode 0644): sudo chgrp rpi-webrtc /etc/tls/key.pem, or the group of the user that runs this, and sudo chmod 640 /etc/tls/key.pem',
  ]))

test('a certificate or key that every user can change is reported', async () =>
  expect(await reported(0o646, 0o642)).toEqual([
    'server.tls-cert: any user of this machine can change /etc/tls/cert.pem (mode 0646): sudo chmod o-w /etc/tls/cert.pem',
    'server.tls-key: any user of this machine can change /etc/tls/key.pem (mode 0642): sudo chmod o-w /etc/tls/key.pem',
  ]))

test('so is a folder in which every user can replace them', async () =>
  expect(await reported(0o644, 0o640, 0o777)).toEqual([
    expect.stringMatching(/^server\.tls-cert: any user .* can replace .*: sudo chmod o-w \/etc\/tls$/),
    expect.stringMatching(/^server\.tls-key: any user .* can replace .*: sudo chmod o-w \/etc\/tls$/),
  ]))
