import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

type Outcome = 'passed' | 'failed' | 'skipped' | 'todo' | 'pending'

/** A result file of vitest with one test for each entry of `titles`. */
const vitestResult = (file: string, titles: Record<string, Outcome>) => ({
  testResults: [
    {
      name: resolve(file),
      assertionResults: Object.entries(titles).map(([fullName, status]) => ({ fullName, status })),
    },
  ],
})

/** A result file of Playwright, whose suites are nested: a file, then a describe block. */
const playwrightResult = (...statuses: ('expected' | 'unexpected' | 'flaky' | 'skipped')[]) => ({
  suites: [
    {
      specs: [{ file: 'play.spec.ts', title: 'plays', tests: [{ status: 'expected' }] }],
      suites: [
        {
          specs: statuses.map((status) => ({
            file: 'page.spec.ts',
            title: `is ${status}`,
            tests: [{ status }],
          })),
        },
      ],
    },
  ],
})

const passing = vitestResult('src/a.test.ts', { works: 'passed', 'works too': 'passed' })
const allPassing = {
  unit: passing,
  integration: passing,
  stress: passing,
  interop: passing,
  e2e: playwrightResult(),
}

/** Runs the summary over planted result files; one that is undefined is not written. */
function summarize(results: Record<string, object | undefined>, args: string[] = ['0']) {
  const folder = mkdtempSync(join(tmpdir(), 'summary-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, result] of Object.entries(results))
    if (result !== undefined) writeFileSync(join(folder, `${name}.json`), JSON.stringify(result))
  const { status, stdout } = spawnSync(
    process.execPath,
    ['test/summary.mjs', args[0]!, '--dir', folder, ...args.slice(1)],
    { encoding: 'utf8' },
  )
  const lines = stdout.trim().split('\n')
  return { status, last: lines.at(-1), before: lines.slice(0, -1) }
}

test('the last line adds up all result files', () =>
  expect(summarize(allPassing)).toEqual({ status: 0, last: 'rpi-webrtc: 9 passed, 0 failed', before: [] }))

test.each(Object.keys(allPassing))('a run without %s.json fails', (name) => {
  const { status, last, before } = summarize({ ...allPassing, [name]: undefined })
  expect(status).toBe(1)
  expect(last).toMatch(/^rpi-webrtc: \d passed, 1 failed$/)
  expect(before).toEqual([`no results: ${name}.json is missing or has no tests`])
})

test('a result file without a single test fails the run', () =>
  expect(summarize({ ...allPassing, unit: { testResults: [] } })).toMatchObject({
    status: 1,
    last: 'rpi-webrtc: 7 passed, 1 failed',
  }))

test('failed tests of vitest and of Playwright are counted, flaky ones too', () => {
  const unit = vitestResult('src/a.test.ts', { works: 'passed', 'does not': 'failed' })
  const e2e = playwrightResult('unexpected', 'flaky', 'expected')
  expect(summarize({ ...allPassing, unit, e2e })).toMatchObject({
    status: 1,
    last: 'rpi-webrtc: 9 passed, 3 failed',
  })
})

test('a command that fails without a failed test counts as one failure', () =>
  expect(summarize(allPassing, ['2'])).toEqual({
    status: 1,
    last: 'rpi-webrtc: 9 passed, 1 failed',
    before: [],
  }))

test.each(['skipped', 'todo', 'pending'] as const)('a test that is %s fails the run', (outcome) => {
  const unit = vitestResult('src/a.test.ts', { works: 'passed', 'is left out': outcome })
  expect(summarize({ ...allPassing, unit })).toEqual({
    status: 1,
    last: 'rpi-webrtc: 8 passed, 1 failed',
    before: ['skipped: src/a.test.ts: is left out (NOT ALLOWED, see test/allowed-skips.mjs)'],
  })
})

test('a skipped browser test fails the run', () =>
  expect(summarize({ ...allPassing, e2e: playwrightResult('skipped') })).toEqual({
    status: 1,
    last: 'rpi-webrtc: 9 passed, 1 failed',
    before: ['skipped: e2e/page.spec.ts: is skipped (NOT ALLOWED, see test/allowed-skips.mjs)'],
  }))

test('a skipped test on the list is printed with its reason, and fails nothing', () => {
  const title = 'behind nginx with the prefix "" page and cookie work'
  const integration = vitestResult('test/integration/proxy.test.ts', { works: 'passed', [title]: 'skipped' })
  expect(summarize({ ...allPassing, integration })).toEqual({
    status: 0,
    last: 'rpi-webrtc: 8 passed, 0 failed',
    before: [
      `skipped: test/integration/proxy.test.ts: ${title} (\`npm run setup\` installs neither nginx nor Caddy)`,
    ],
  })
})

test('an entry of the list that no test of its file has fails the run, wherever the others pass', () => {
  const integration = vitestResult('test/integration/proxy.test.ts', { 'behind a squid': 'passed' })
  expect(summarize({ ...allPassing, integration })).toEqual({
    status: 1,
    last: 'rpi-webrtc: 8 passed, 1 failed',
    before: [
      'no test: test/integration/proxy.test.ts has none that matches /^behind (?:nginx|caddy) with the prefix /, see test/allowed-skips.mjs',
    ],
  })
})

test('a test on the list is allowed in its own file only', () => {
  const title = 'behind nginx with the prefix "" page and cookie work'
  const unit = vitestResult('src/a.test.ts', { [title]: 'skipped' })
  expect(summarize({ ...allPassing, unit })).toMatchObject({
    status: 1,
    last: 'rpi-webrtc: 7 passed, 1 failed',
  })
})

test('a job of CI sums up the result files that it names', () =>
  expect(summarize({ unit: passing }, ['0', 'unit'])).toEqual({
    status: 0,
    last: 'rpi-webrtc: 2 passed, 0 failed',
    before: [],
  }))
