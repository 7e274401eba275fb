import { expect, test } from 'vitest'
import { createTail } from './stderr-tail.js'

test('lines are put together from pieces', () => {
  const tail = createTail(3, 100)
  for (const piece of ['on', 'e\ntw', 'o\nthr']) tail.take(Buffer.from(piece))
  expect(tail.lines()).toEqual(['one', 'two', 'thr'])
})

test('only the last lines are kept', () => {
  const tail = createTail(2, 100)
  tail.take(Buffer.from('one\ntwo\nthree\nfour'))
  expect(tail.lines()).toEqual(['three', 'four'])
})

test('a line without end is cut', () => {
  const seen: string[] = []
  const tail = createTail(2, 5, (line) => seen.push(line))
  for (let i = 0; i < 1000; i++) tail.take(Buffer.from('0123456789'))
  tail.take(Buffer.from('\nnext\n'))
  expect(seen).toEqual(['01234', 'next'])
})
