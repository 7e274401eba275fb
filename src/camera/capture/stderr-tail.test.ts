import { expect, test } from 'vitest'
import { createStderrTail } from './stderr-tail.js'

test('lines are joined from chunks', () => {
  const tail = createStderrTail(3, 100)
  for (const piece of ['on', 'e\ntw', 'o\nthr']) tail.push(Buffer.from(piece))
  expect(tail.lines()).toEqual(['one', 'two', 'thr'])
})

test('only the last lines are kept', () => {
  const tail = createStderrTail(2, 100)
  tail.push(Buffer.from('one\ntwo\nthree\nfour'))
  expect(tail.lines()).toEqual(['three', 'four'])
})

test('an endless line is cut', () => {
  const seen: string[] = []
  const tail = createStderrTail(2, 5, (line) => seen.push(line))
  for (let i = 0; i < 1000; i++) tail.push(Buffer.from('0123456789'))
  tail.push(Buffer.from('\nnext\n'))
  expect(seen).toEqual(['01234', 'next'])
})
