import { mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { watchFile, type WatchTiming } from './watch-file.js'

async function watched(timing: Partial<WatchTiming> = {}, link = false) {
  const folder = await mkdtemp(join(tmpdir(), 'watch-file-'))
  onTestFinished(async () => await rm(folder, { recursive: true }))
  const target = join(folder, 'config.toml')
  await writeFile(target, 'one')
  let path = target
  if (link) {
    const other = await mkdtemp(join(tmpdir(), 'watch-file-'))
    onTestFinished(async () => await rm(other, { recursive: true }))
    path = join(other, 'link.toml')
    await symlink(target, path)
  }
  const onChange = vi.fn()
  const watcher = watchFile(path, onChange, { quietMs: 40, pollIntervalMs: 3_600_000, ...timing })
  onTestFinished(() => watcher[Symbol.dispose]())
  await new Promise((resolve) => setImmediate(resolve))
  return { folder, path: target, onChange, watcher }
}

const changes = async (onChange: () => void, times: number): Promise<void> =>
  await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(times), { timeout: 5000 })

/** Resolves when earlier changes in the folder have been checked, because a later one was reported. */
async function settled(folder: string): Promise<void> {
  const onChange = vi.fn()
  using _watcher = watchFile(join(folder, 'last.toml'), onChange, { quietMs: 80 })
  await writeFile(join(folder, 'last.toml'), 'x')
  await changes(onChange, 1)
}

test('a file written in several steps is reported once', async () => {
  const { path, onChange } = await watched()
  for (const text of ['two', 'three', 'three and more']) await writeFile(path, text)
  await changes(onChange, 1)
  await writeFile(path, 'four')
  await changes(onChange, 2)
})

test('a file replaced by renaming is reported every time', async () => {
  const { folder, path, onChange } = await watched()
  for (const times of [1, 2]) {
    await writeFile(join(folder, '.config.toml.swp'), `two ${times}`)
    await rename(join(folder, '.config.toml.swp'), path)
    await changes(onChange, times)
  }
})

test('a removed file is reported when it exists again, and not before', async () => {
  const { folder, path, onChange } = await watched()
  await rm(path)
  await settled(folder)
  expect(onChange).not.toHaveBeenCalled()
  await writeFile(path, 'two')
  await changes(onChange, 1)
})

test('other files of the folder, and reading this one, are no change', async () => {
  const { folder, path, onChange } = await watched({ pollIntervalMs: 20 })
  await writeFile(join(folder, 'other.toml'), 'two')
  await settled(folder)
  expect(onChange).not.toHaveBeenCalled()
  await writeFile(path, 'two')
  await changes(onChange, 1)
})

test('the target of a link is polled', async () => {
  const { path, onChange } = await watched({ pollIntervalMs: 60 }, true)
  await writeFile(path, 'two')
  await changes(onChange, 1)
})

test('nothing is reported after disposal', async () => {
  const { folder, path, onChange, watcher } = await watched()
  await writeFile(path, 'two')
  watcher[Symbol.dispose]()
  await settled(folder)
  expect(onChange).not.toHaveBeenCalled()
})
