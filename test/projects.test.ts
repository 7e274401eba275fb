import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'

const listed = (
  JSON.parse(
    execFileSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'list', '--filesOnly', '--json'], {
      encoding: 'utf8',
    }),
  ) as { file: string; projectName: string }[]
).map(({ file, projectName }) => ({ file: relative('.', file), projectName }))
const filesOf = (project: string): string[] =>
  listed.filter(({ projectName }) => projectName === project).map(({ file }) => file)

test('every test file belongs to exactly one project', () => {
  const files = ['src', 'test'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => join(folder, name)),
  )
  expect(listed.map(({ file }) => file).sort()).toEqual(files.sort())
})

const filesThat = (project: string, use: RegExp): string[] =>
  filesOf(project).filter((file) => use.test(readFileSync(file, 'utf8')))

test.each(['unit', 'components'])('no test of the project "%s" starts the built program', (project) => {
  expect(filesOf(project)).not.toEqual([])
  expect(filesThat(project, /\b(?:start|run)Program\b.* from /)).toEqual([])
})

test('no test of the project "unit" starts GStreamer', () =>
  expect(filesThat('unit', /^import .*\/fakes\/capture\.js'/m)).toEqual([]))
