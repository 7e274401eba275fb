import { chmod, link, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { FileChanged, readForReplacing, replaceFile } from './replace-file.js'

async function folderWith(text: string) {
  const folder = await mkdtemp(join(tmpdir(), 'replace-'))
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'config.toml')
  await writeFile(path, text)
  return { folder, path }
}

test('a file is replaced, keeps its mode, and the old one is beside it', async () => {
  const { folder, path } = await folderWith('old')
  await chmod(path, 0o640)
  const { uid, gid, ino } = await stat(path)
  expect(await replaceFile(await readForReplacing(path), Buffer.from('new'))).toBe(`${path}.bak`)
  expect(await readFile(path, 'utf8')).toBe('new')
  expect(await readFile(`${path}.bak`, 'utf8')).toBe('old')
  for (const file of [path, `${path}.bak`])
    expect(await stat(file).then(({ mode, uid, gid }) => ({ mode: mode & 0o777, uid, gid }))).toEqual({
      mode: 0o640,
      uid,
      gid,
    })
  expect((await stat(path)).ino).not.toBe(ino) // renamed, not written in place
  expect((await readdir(folder)).sort()).toEqual(['config.toml', 'config.toml.bak'])
})

test('a symbolic link stays one', async () => {
  const { folder, path } = await folderWith('old')
  const alias = join(folder, 'link.toml')
  await symlink('config.toml', alias)
  await replaceFile(await readForReplacing(alias), Buffer.from('new'))
  expect(await readFile(path, 'utf8')).toBe('new')
  expect(await readFile(alias, 'utf8')).toBe('new')
})

test('a reader of the old file has the whole old file', async () => {
  const { folder, path } = await folderWith('old')
  await link(path, join(folder, 'held'))
  await replaceFile(await readForReplacing(path), Buffer.from('new'))
  expect(await readFile(join(folder, 'held'), 'utf8')).toBe('old')
})

test('a file that was written meanwhile is not replaced', async () => {
  const { folder, path } = await folderWith('old')
  const file = await readForReplacing(path)
  await writeFile(path, 'edited')
  await expect(replaceFile(file, Buffer.from('new'))).rejects.toThrow(FileChanged)
  expect(await readFile(path, 'utf8')).toBe('edited')
  expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([])
})

test('a file that is gone is an error', async () => {
  const { path } = await folderWith('old')
  await rm(path)
  await expect(readForReplacing(path)).rejects.toMatchObject({ code: 'ENOENT' })
})
