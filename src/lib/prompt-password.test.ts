import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { promptPassword } from './prompt-password.js'

/** Feeds text to the prompt. @returns its answer, and the output on the terminal. */
async function ask(typed: string, isTerminal: boolean) {
  const [input, terminal] = [new PassThrough(), new PassThrough()]
  const answer = promptPassword('Password: ', input, isTerminal ? terminal : undefined)
  input.end(typed)
  return { answer: await answer, seen: String(terminal.read() ?? '') }
}

test('the typed line is returned and not echoed', async () =>
  expect(await ask('s3cret\r', true)).toEqual({ answer: 's3cret', seen: 'Password: \n' }))

test('deleted characters are not part of the line', async () =>
  expect((await ask('s3d\u007fcret\r', true)).answer).toBe('s3cret'))

test.each([
  ['s3cret\n', 's3cret'],
  ['s3cret\r\n', 's3cret'],
  ['s3cret', 's3cret'],
  [' with spaces \nsecond line', ' with spaces '],
  ['\n', ''],
])('of the piped input %j, %j is returned', async (piped, answer) =>
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
