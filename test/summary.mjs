// Prints the line that sums up a run: `rpi-webrtc: N passed, N failed`. Exits with 1 when anything failed.
//
//   node test/summary.mjs STATUS [--dir DIR] [RESULT...]
//
// STATUS is the exit code of the test command, RESULT the name of a file in DIR without `.json`. A missing file, a skipped test
// that is not in allowed-skips.mjs, an entry of that list which no test of its file has, and a command that failed without a
// failed test (format, lint, types, a build) fail the run.
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ALLOWED_SKIPS } from './allowed-skips.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { dir: { type: 'string', default: join(root, 'test-results') } },
})
const [status = '', ...named] = positionals
const names = named.length > 0 ? named : ['unit', 'integration', 'stress', 'interop', 'e2e']

/** Every test of a result file as { file, title, outcome: 'passed' | 'failed' | 'skipped' }; undefined without the file. */
function testsOf(name) {
  let result
  try {
    result = JSON.parse(readFileSync(join(values.dir, `${name}.json`), 'utf8'))
  } catch {
    return undefined
  }
  return result.testResults === undefined ? playwrightTests(result) : vitestTests(result)
}

const vitestTests = ({ testResults }) =>
  testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ fullName, status: outcome }) => ({
      file: relative(root, name),
      title: fullName,
      outcome: outcome === 'passed' || outcome === 'failed' ? outcome : 'skipped',
    })),
  )

/** A flaky test, which passed when it was repeated, has failed. */
function playwrightTests({ suites }) {
  const outcomes = { expected: 'passed', skipped: 'skipped' }
  const walk = ({ specs = [], suites: inner = [] }) => [
    ...specs.flatMap(({ file, title, tests }) =>
      tests.map((test) => ({ file: `e2e/${file}`, title, outcome: outcomes[test.status] ?? 'failed' })),
    ),
    ...inner.flatMap(walk),
  ]
  return suites.flatMap(walk)
}

const results = names.map((name) => ({ name, tests: testsOf(name) }))
const missing = results.filter(({ tests }) => tests === undefined || tests.length === 0)
const tests = results.flatMap((result) => result.tests ?? [])
const skipped = tests
  .filter(({ outcome }) => outcome === 'skipped')
  .map((test) => ({
    ...test,
    reason: ALLOWED_SKIPS.find(({ file, title }) => file === test.file && title.test(test.title))?.reason,
  }))

// A renamed test would be skipped without permission, but only on a machine that lacks what it needs.
const stale = ALLOWED_SKIPS.filter(({ file, title }) => {
  const titles = tests.filter((test) => test.file === file).map((test) => test.title)
  return titles.length > 0 && !titles.some((each) => title.test(each))
})

for (const { name } of missing) console.log(`no results: ${name}.json is missing or has no tests`)
for (const { file, title, reason = 'NOT ALLOWED, see test/allowed-skips.mjs' } of skipped)
  console.log(`skipped: ${file}: ${title} (${reason})`)
for (const { file, title } of stale)
  console.log(`no test: ${file} has none that matches ${title}, see test/allowed-skips.mjs`)

const passed = tests.filter(({ outcome }) => outcome === 'passed').length
const failed =
  tests.filter(({ outcome }) => outcome === 'failed').length +
  skipped.filter(({ reason }) => reason === undefined).length +
  stale.length
const ok = status === '0' && failed === 0 && missing.length === 0
console.log(`rpi-webrtc: ${passed} passed, ${ok ? 0 : Math.max(1, failed)} failed`)
process.exitCode = ok ? 0 : 1
