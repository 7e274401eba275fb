import { expect, test } from 'vitest'
import { LogTail } from './log-tail.js'

const entry = (message: string) => ({ level: 'info' as const, part: 'main', message, timeMs: 0 })

test('the last 300 lines are kept, each of them bounded', () => {
  const tail = new LogTail()
  for (let i = 1; i <= 1000; i++) tail.add(entry(`line ${i}`))
  tail.add(entry('x'.repeat(5000)))
  const { lines } = tail.read(0, [])
  expect([lines.length, lines[0]!.message, lines[0]!.number]).toEqual([300, 'line 702', 702])
  expect(lines.at(-1)!.message).toHaveLength(1001)
  expect(tail.read(1000, []).lines.map(({ number }) => number)).toEqual([1001])
  expect(tail.read(5000, []).lines).toEqual([])
})

test.each([
  ['GET /camera1/?token=0123456789abcdef&x=1', 'GET /camera1/?token=***&x=1'],
  ['header="Authorization: Bearer abc.def"', 'header="Authorization: Bearer ***'],
  ['password="correct horse" next', 'password=*** next'],
  ['turn:a hunter22 and hunter22', 'turn:a *** and ***'],
])('%s hides credentials', (written, shown) => {
  const tail = new LogTail()
  tail.add(entry(written))
  expect(tail.read(0, ['hunter22', 'a'])).toMatchObject({ lines: [{ message: shown }] })
})
