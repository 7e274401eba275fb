import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { buildIn } from './support/build.js'

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

/** A folder with one source file, and what tsc needs to build it. */
function sourceFolder(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'build-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'src'))
  writeFileSync(join(folder, 'src/main.ts'), text)
  const compilerOptions = { rootDir: 'src', outDir: 'dist', module: 'nodenext', types: [] }
  for (const name of ['tsconfig.json', 'tsconfig.build.json'])
    writeFileSync(join(folder, name), JSON.stringify({ compilerOptions, include: ['src'] }))
  return folder
}

test('a program with a type error fails the run before its tests, and is not built', () => {
  const folder = sourceFolder("export const port: number = 'eight'\n")
  expect(() => buildIn(folder, 'ignore')).toThrow('The build failed.')
  expect(existsSync(join(folder, 'dist'))).toBe(false)
})

test('a program without an error is built', () => {
  const folder = sourceFolder('export const port: number = 8\n')
  buildIn(folder, 'ignore')
  expect(existsSync(join(folder, 'dist/main.js'))).toBe(true)
})
