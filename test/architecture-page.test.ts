import { readdirSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const page = readFileSync(`${root}/docs/architecture.md`, 'utf8')

/** `camera`, `camera/capture`: every folder of src. */
const folders = readdirSync(`${root}/src`, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => relative(`${root}/src`, `${entry.parentPath}/${entry.name}`))

test('docs/architecture.md has a paragraph or a line for every folder of src', () => {
  expect(folders.length).toBeGreaterThan(8)
  const described = (folder: string): boolean => {
    const name = folder.split('/').at(-1)!
    return new RegExp(`^(?:\\*\\*.*\`${name}/\`.*\\*\\*|- \`${name}/\`|\`${name}/\`)`, 'm').test(page)
  }
  expect(folders.filter((folder) => !described(folder))).toEqual([])
})
