import { expect, test } from 'vitest'
import { ok, problem, warning, type Chapter } from './check.js'
import { formatReport, hasProblem, jsonReport } from './report.js'

const chapters: Chapter[] = [
  {
    title: 'This machine',
    checks: [ok('node', 'Node.js', '20.19.2'), warning('memory', 'memory', 'little', 'More.')],
  },
  { title: 'Empty', checks: [] },
  { title: 'GStreamer', checks: [problem('gstreamer', 'GStreamer', 'missing', 'sudo apt install x')] },
]

test('the report has a line per check under the heading of its chapter, and its hint below', () =>
  expect(formatReport(chapters)).toBe(`This machine
  ok       Node.js: 20.19.2
  warning  memory: little
           -> More.

GStreamer
  PROBLEM  GStreamer: missing
           -> sudo apt install x

1 problem, 1 warning.
`))

test('the JSON report is one document', () =>
  expect(JSON.parse(jsonReport(chapters))).toEqual({
    ok: false,
    checks: [
      { id: 'node', status: 'ok', message: 'Node.js: 20.19.2' },
      { id: 'memory', status: 'warning', message: 'memory: little', hint: 'More.', mend: 'More.' },
      {
        id: 'gstreamer',
        status: 'problem',
        message: 'GStreamer: missing',
        hint: 'sudo apt install x',
        mend: 'sudo apt install x',
      },
    ],
  }))

test('warnings prevent no camera from playing', () => {
  expect(hasProblem(chapters)).toBe(true)
  expect(hasProblem(chapters.slice(0, 1))).toBe(false)
  expect(formatReport(chapters.slice(0, 1))).toContain('1 warning; nothing prevents a camera from playing.')
  expect(formatReport([{ title: 'A', checks: [ok('a', 'a', 'a')] }])).toContain('No problems found.')
})
