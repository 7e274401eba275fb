import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { saveControls } from './save-controls.js'

async function fileWith(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'save-'))
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'config.toml')
  await writeFile(path, text)
  return path
}
const CAMERA = '[camera1]\r\ndevice = "/dev/video0" # USB\r\n'

test('a byte order mark, CRLF and comments stay', async () => {
  const path = await fileWith(`\uFEFF${CAMERA}`)
  expect(await saveControls(path, 'camera1', { gain: 3 })).toEqual({
    path,
    backup: `${path}.bak`,
    changed: ['gain'],
  })
  expect(await readFile(path, 'utf8')).toBe(`\uFEFF${CAMERA}\r\n[camera1.controls]\r\ngain = 3\r\n`)
})

test('nothing is written if the file has these controls', async () => {
  const path = await fileWith(`${CAMERA}controls.gain = 3\r\n`)
  expect(await saveControls(path, 'camera1', { gain: 3 })).toEqual({ path, backup: undefined, changed: [] })
  await expect(readFile(`${path}.bak`)).rejects.toThrow('ENOENT')
})

test.each<[string, string, object]>([
  ['a file with errors', 'width = [', { code: 'invalid-file', status: 409 }],
  ['a camera that is no longer in the file', '[camera2]\ndevice = "/dev/video0"\n', { code: 'invalid-file' }],
  [
    'controls that do not fit what was edited in the file',
    '[camera1]\ndevice = "test:ball"\n',
    { code: 'invalid-file', message: expect.stringContaining('does nothing for a test picture') as string },
  ],
])('%s is an error, and the file stays', async (_, text, error) => {
  const path = await fileWith(text)
  await expect(saveControls(path, 'camera1', { gain: 3 })).rejects.toMatchObject(error)
  expect(await readFile(path, 'utf8')).toBe(text)
})

test('without a file nothing can be saved', async () => {
  await expect(saveControls(undefined, 'camera1', {})).rejects.toMatchObject({ code: 'no-file', status: 409 })
  await expect(saveControls('/nonexistent/config.toml', 'camera1', {})).rejects.toMatchObject({
    code: 'no-file',
  })
})
