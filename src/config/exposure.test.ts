import { expect, test } from 'vitest'
import { parseConfig } from './parse.js'
import { configExposures } from './exposure.js'

const login = (password: string): string => `username = "anna"\npassword = "${password}"\n`
const hashed = `scrypt$16384$8$5$${'A'.repeat(22)}$${'B'.repeat(43)}`

/** What is reported of c.toml with these lines, this mode and this group; undefined: it does not exist. */
async function reported(server: string, mode: number | undefined, gid = 0): Promise<string[]> {
  const config = parseConfig(`[server]\n${server}[camera1]\ndevice = "test:ball"\n`, 'c.toml')
  const file = mode === undefined ? undefined : { uid: 0, gid, mode }
  const files = {
    ownerOf: async (path: string) =>
      await Promise.resolve(path === 'c.toml' ? file : { uid: 0, gid: 0, mode: 0o40755 }),
    resolve: async () => await Promise.resolve('/srv/c.toml'),
  }
  return (await configExposures(config, 'c.toml', files, 998)).map(({ detail, hint }) => `${detail}: ${hint}`)
}

test('a file that every user can read is warned of where it has a password or a token in it', async () => {
  expect(await reported(login('x'), 0o644)).toEqual([
    'every user of this machine can read server.password in /srv/c.toml (mode 0644): sudo chgrp rpi-webrtc /srv/c.toml, or the group of the user that runs this, and sudo chmod 640 /srv/c.toml',
  ])
  expect(await reported('token = "0123456789abcdef"\n', 0o604)).toEqual([
    expect.stringMatching(/can read server\.token in /),
  ])
  expect(await reported(`${login('x')}token = "0123456789abcdef"\n`, 0o100644)).toEqual([
    expect.stringMatching(/server\.password and server\.token in /),
  ])
})

test('a file that any user can change is warned of, whatever is in it', async () => {
  expect(await reported('', 0o100646)).toEqual([
    'any user of this machine can change /srv/c.toml (mode 0646), and with it the devices, the password and the right to watch: sudo chmod o-w /srv/c.toml',
  ])
  expect(await reported(login('x'), 0o666)).toHaveLength(2)
})

test('a file that a group can change is warned of, unless it is the group of the program or root', async () => {
  expect(await reported('', 0o100660, 44)).toEqual([
    expect.stringMatching(/every member of group 44 can change/),
  ])
  expect(await reported('', 0o100660, 998)).toEqual([])
})

test.each([
  ['only its group can read it', login('x'), 0o640],
  ['the password is hashed', login(hashed), 0o644],
  ['it has none', '', 0o644],
  ['there is no file', login('x'), undefined],
])('a file is not warned of where %s', async (_why, server, mode) =>
  expect(await reported(server, mode)).toEqual([]),
)
