import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import ts from 'typescript'
import { readPageFiles } from './page-files.js'

const { files } = readPageFiles('static')

/** The code alone. */
const codeOf = (text: string): string =>
  ts.transpileModule(text, {
    compilerOptions: { removeComments: true, target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext },
  }).outputText

test.each(readdirSync('static').filter((name) => name.endsWith('.js')))(
  '%s is served with its code and without its documentation',
  (name) => {
    const served = files.get(name)!.body
    expect(codeOf(served)).toBe(codeOf(readFileSync(`static/${name}`, 'utf8')))
    expect(served).not.toMatch(/^\/\*\*/m)
  },
)
