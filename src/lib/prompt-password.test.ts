import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { promptPassword } from './prompt-password.js'

/** What is answered when this comes in, and what is seen of it. */
async function ask(typed: string, isTerminal: boolean) {
  const [input, terminal] = [new PassThrough(), new PassThrough()]
  const answer = promptPassword('Password: ', input, isTerminal ? terminal : undefined)
  input.end(typed)
  return { answer: await answer, seen: String(terminal.read() ?? '') }
}

test('what is typed is taken to the end of the line, and nothing of it is seen', async () =>
  expect(await ask('s3cret\r', true)).toEqual({ answer: 's3cret', seen: 'Password: \n' }))

test('what is deleted while typing is not part of it', async () =>
  expect((await ask('s3d\u007fcret\r', true)).answer).toBe('s3cret'))

test.each([
  ['s3cret\n', 's3cret'],
  ['s3cret\r\n', 's3cret'],
  ['s3cret', 's3cret'],
  [' with spaces \nsecond line', ' with spaces '],
  ['\n', ''],
])('of %j that is piped in, %j is taken', async (piped, answer) =>
  expect(await ask(piped, false)).toEqual({ answer, seen: '' }),
)

test.each([
  ['Ctrl-C', 's3c\u0003', true],
  ['Ctrl-D', '\u0004', true],
  ['the end', '', false],
  ['more than a password could have', 'x'.repeat(5000), false],
])('%s is no answer', async (_what, typed, isTerminal) =>
  expect((await ask(typed, isTerminal)).answer).toBeUndefined(),
)
