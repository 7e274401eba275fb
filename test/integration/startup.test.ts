import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runProgram } from '../support/program.js'

/** Runs the built program to its end. @returns the URLs of all modules it loaded, as V8 reports them for coverage. */
async function modulesLoadedBy(
  folder: string,
  args: string[],
): Promise<{ code: number | null; urls: string[] }> {
  const coverage = join(folder, 'coverage')
  const { code } = await runProgram(args, { NODE_V8_COVERAGE: coverage })
  const [report] = await readdir(coverage)
  const { result } = JSON.parse(await readFile(join(coverage, report!), 'utf8')) as {
    result: { url: string }[]
  }
  return { code, urls: result.map(({ url }) => url) }
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rpi-webrtc-startup-'))
  onTestFinished(async () => await rm(folder, { recursive: true }))
  return folder
}

const SERVER = /\/dist\/server\/(?:serve|server)\.js$|\/dist\/(?:viewer|srtp|rtp|http|signalling)\//
const packageOf = (url: string): string | undefined => /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]
const packagesOf = (urls: string[]): string[] => [
  ...new Set(urls.map(packageOf).filter((name) => name !== undefined)),
]

test.each([
  ['--version', ['--version'], 0],
  ['--help', ['--help'], 0],
  ['a mistyped flag', ['--confg', 'a.toml'], 78],
])('%s loads neither the server nor the configuration schema', async (_what, args, exitCode) => {
  const { code, urls } = await modulesLoadedBy(await temporaryFolder(), args)
  expect(code).toBe(exitCode)
  expect(urls.filter((url) => SERVER.test(url))).toEqual([])
  expect(packagesOf(urls)).toEqual(['cac'])
})

test('a wrong configuration is reported without loading the server or node:crypto', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'wrong.toml')
  await writeFile(path, '[camera1]\ndevice = "test:ball"\nwidth = 33\n')
  const { code, urls } = await modulesLoadedBy(folder, ['--config', path])
  expect(code).toBe(78)
  expect(urls.filter((url) => SERVER.test(url))).toEqual([])
  expect(urls.filter((url) => url.endsWith('/dist/lib/password.js'))).toEqual([]) // it imports node:crypto
  expect(packagesOf(urls).sort()).toEqual(['@iarna/toml', 'cac', 'valibot'])
})
