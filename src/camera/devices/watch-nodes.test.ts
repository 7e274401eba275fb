import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { watchNodes } from './watch-nodes.js'

async function watched() {
  const folder = await mkdtemp(join(tmpdir(), 'watch-nodes-'))
  onTestFinished(async () => await rm(folder, { recursive: true }))
  await writeFile(join(folder, 'video0'), '')
  const onChange = vi.fn()
  const watcher = await watchNodes(folder, onChange, 10)
  onTestFinished(() => watcher[Symbol.dispose]())
  return { folder, onChange }
}
const calls = async (onChange: () => void, times: number): Promise<void> =>
  await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(times), { timeout: 10_000 })

test('a new node, its rights and its end are reported; other files are not', async () => {
  const { folder, onChange } = await watched()
  await writeFile(join(folder, 'video1'), '')
  await calls(onChange, 1)
  await writeFile(join(folder, 'null'), '')
  await chmod(join(folder, 'video1'), 0o600)
  await calls(onChange, 2)
  await rm(join(folder, 'video1'))
  await calls(onChange, 3)
})
