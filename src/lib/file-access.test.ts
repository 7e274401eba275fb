import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readableByAll, realFiles, writableByOthers, type Exposure, type FileOwner } from './file-access.js'

const PATH = '/srv/cams/config.toml'
const ROOT = { uid: 0, gid: 0 }

/** Files with these owners and modes; a link is the name of its target. */
const machine = (owners: Record<string, FileOwner>, links: Record<string, string> = {}) => ({
  ownerOf: async (path: string) => await Promise.resolve(owners[links[path] ?? path]),
  resolve: async (path: string) => await Promise.resolve(links[path] ?? path),
})

const writable = async (files: ReturnType<typeof machine>, path = PATH): Promise<Exposure[]> =>
  await writableByOthers(path, files, { consequence: ' and more', trustedGid: 998 })

test.each([
  ['is for its owner only', { ...ROOT, mode: 0o100600 }],
  ['can be read by all', { ...ROOT, mode: 0o100644 }],
  ["is writable by root's group", { ...ROOT, mode: 0o100664 }],
  ["is writable by the owner's private group", { uid: 1000, gid: 1000, mode: 0o100664 }],
  ['is writable by our own group', { uid: 0, gid: 998, mode: 0o100660 }],
])('only trusted users can change a file that %s', async (_what, owner) =>
  expect(await writable(machine({ [PATH]: owner, '/srv': { ...ROOT, mode: 0o40755 } }))).toEqual([]),
)

test('a file that all users can change is reported with its path, its mode and a command', async () =>
  expect(await writable(machine({ [PATH]: { ...ROOT, mode: 0o100666 } }))).toEqual([
    {
      detail: `any user of this machine can change ${PATH} (mode 0666) and more`,
      hint: `sudo chmod o-w ${PATH}`,
    },
  ]))

test('a file that an untrusted group can change is reported, unless groups are not checked', async () => {
  const files = machine({ [PATH]: { uid: 0, gid: 44, mode: 0o100664 } })
  expect(await writable(files)).toEqual([
    {
      detail: `every member of group 44 can change ${PATH} (mode 0664) and more`,
      hint: `sudo chmod g-w ${PATH}`,
    },
  ])
  expect(await writableByOthers(PATH, files, { consequence: '', trustedGid: undefined })).toEqual([])
})

test.each([0o40777, 0o40757, 0o42777])('a file can be replaced in a folder of mode %o', async (mode) => {
  const files = machine({ [PATH]: { ...ROOT, mode: 0o100640 }, '/srv': { ...ROOT, mode } })
  expect((await writable(files)).map(({ hint }) => hint)).toEqual(['sudo chmod o-w /srv'])
})

test('a sticky folder, such as /tmp, protects its files', async () => {
  const files = machine({ [PATH]: { ...ROOT, mode: 0o100640 }, '/srv/cams': { ...ROOT, mode: 0o41777 } })
  expect(await writable(files)).toEqual([])
})

test('links are resolved, and the folder of a link is checked too', async () => {
  const link = '/srv/live/config.toml'
  const owners = { [PATH]: { ...ROOT, mode: 0o100666 }, '/srv/live': { ...ROOT, mode: 0o40777 } }
  const hints = (await writable(machine(owners, { [link]: PATH }), link)).map(({ hint }) => hint)
  expect(hints).toEqual([`sudo chmod o-w ${PATH}`, 'sudo chmod o-w /srv/live'])
})

test('a missing file is not reported, whatever the mode of its folder', async () =>
  expect(await writable(machine({ '/srv/cams': { ...ROOT, mode: 0o40777 } }))).toEqual([]))

test('paths with spaces and quotes are quoted in commands', async () => {
  const path = "/srv/anna's cams/a.toml"
  const [found] = await writable(machine({ [path]: { ...ROOT, mode: 0o100666 } }), path)
  expect(found?.hint).toBe("sudo chmod o-w '/srv/anna'\\''s cams/a.toml'")
})

test('a file that every user can read is reported', async () => {
  expect(await readableByAll(PATH, machine({ [PATH]: { ...ROOT, mode: 0o100644 } }))).toEqual({
    detail: `any user of this machine can read ${PATH} (mode 0644)`,
    hint: `sudo chgrp rpi-webrtc ${PATH}, or the group of the user that runs this, and sudo chmod 640 ${PATH}`,
  })
  // The group ssl-cert of certbot.
  const shared = machine({ [PATH]: { uid: 0, gid: 117, mode: 0o100640 } })
  expect(await readableByAll(PATH, shared)).toBeUndefined()
  expect(await readableByAll(PATH, machine({}))).toBeUndefined()
})

test('real files and links are read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rpi-webrtc-access-'))
  onTestFinished(async () => await rm(folder, { recursive: true }))
  const path = join(folder, 'open', 'config.toml')
  const link = join(folder, 'link.toml')
  await mkdir(join(folder, 'open'))
  await writeFile(path, '')
  await symlink(path, link)
  await chmod(path, 0o646)
  await chmod(join(folder, 'open'), 0o777)
  const found = await writableByOthers(link, realFiles, { consequence: '', trustedGid: 0 })
  expect(found.map(({ hint }) => hint)).toEqual([`sudo chmod o-w ${path}`, `sudo chmod o-w ${folder}/open`])
  expect((await readableByAll(link, realFiles))?.detail).toContain('(mode 0646)')
})
