import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { buildIn } from '../support/build.js'

/** A folder with one source file, and what tsc needs to build it. */
function sourceFolder(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'build-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'src'))
  writeFileSync(join(folder, 'src/main.ts'), text)
  const compilerOptions = {
    rootDir: 'src',
    outDir: 'dist',
    module: 'nodenext',
    types: [],
    lib: ['es5'],
    skipLibCheck: true,
  }
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
