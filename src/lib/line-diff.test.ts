import { expect, test } from 'vitest'
import { changedLines } from './line-diff.js'

const shown = (before: string, after: string): string[] =>
  changedLines(before, after).map(({ sign, number, text }) => `${sign}${number} ${text}`)

test.each<[string, string, string, string[]]>([
  ['equal texts', 'a\nb\n', 'a\nb\n', []],
  ['a changed line', 'a\nb\nc\n', 'a\nB\nc\n', ['-2 b', '+2 B']],
  ['added lines', 'a\nc\n', 'a\nb\nb\nc\n', ['+2 b', '+3 b']],
  ['a removed line', 'a\nb\nc', 'a\nc', ['-2 b']],
  [
    'changes with equal lines between them',
    'a\nb\nc\nd\n',
    'A\nb\nc\nD\ne\n',
    ['-1 a', '+1 A', '-4 d', '+4 D', '+5 e'],
  ],
  ['a missing line end', 'a', 'a\nb\n', ['+2 b']],
  ['line ends alone', 'a\r\nb\r\n', 'a\nb\n', []],
  ['an empty text', '', 'a\n', ['+1 a']],
])('%s', (_, before, after, changes) => expect(shown(before, after)).toEqual(changes))

test('a text that differs everywhere is not compared line by line', () => {
  const text = (prefix: string): string => Array.from({ length: 5000 }, (_, i) => `${prefix}${i}\n`).join('')
  const changes = changedLines(text('a'), text('b'))
  expect(changes).toHaveLength(10_000)
  expect(changes.slice(0, 5000).every(({ sign }) => sign === '-')).toBe(true)
})
