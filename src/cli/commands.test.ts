import { expect, test } from 'vitest'
import { exampleCamera, exampleMachine } from '../../test/fakes/examples.js'
import { hashPassword, pipelineLine } from './commands.js'
import { parsePassword } from '../lib/password-format.js'
import { verifyPassword } from '../lib/password.js'

/** Runs the command with these answers. @returns its output and exit code. */
async function run(answers: (string | undefined)[], isTyped: boolean) {
  const output: Record<'printed' | 'errors', string[]> = { printed: [], errors: [] }
  const questions: string[] = []
  const code = await hashPassword(
    async (question) => {
      questions.push(question)
      return await Promise.resolve(answers[questions.length - 1])
    },
    isTyped,
    {
      env: {},
      nodeVersion: '20.19.0',
      print: (text) => void output.printed.push(text),
      printError: (text) => void output.errors.push(text),
    },
  )
  return { code, questions, ...output }
}

test.each([
  [['correct horse', 'correct horse'], true],
  [['correct horse'], false],
])('hash-password prints the line to paste for %j', async (answers, isTyped) => {
  const { code, questions, printed, errors } = await run(answers, isTyped)
  expect([code, questions.length, errors]).toEqual([0, answers.length, []])
  const hash = /^password = "(scrypt\$[^"]+)"$/.exec(printed.join('\n'))![1]!
  expect(await verifyPassword('correct horse', parsePassword(hash))).toBe(true)
})

test.each([
  [['one', 'two'], true, 'the two passwords differ'],
  [['one', undefined], true, 'the two passwords differ'],
  [[undefined], true, 'no password was entered'],
  [[''], false, 'no password was entered'],
  [['a\u0000b'], false, 'the password has a control character in it, which cannot be typed'],
  [['$2b$12$abc'], false, 'the password is a hash of an unsupported kind'],
  [
    [`scrypt$16384$8$5$${'A'.repeat(22)}$${'B'.repeat(43)}`],
    false,
    'the password is a hash already: enter the password itself',
  ],
])('hash-password rejects %j', async (answers, isTyped, message) => {
  const { code, printed, errors } = await run(answers, isTyped)
  expect([code, printed]).toEqual([1, []])
  expect(errors[0]).toContain(message)
})

test('pipeline prints the line without setpriv and without the snapshot branch', () => {
  const line = pipelineLine(exampleCamera(), exampleMachine({ setpriv: true }), 1)
  expect(line).toMatch(/^gst-launch-1\.0 -q -f rtpsession name=r /)
  expect(line).toMatch(/ r\.recv_rtcp_sink$/)
})

test('pipeline prints the line also where the source element is missing', () => {
  const machine = exampleMachine({ without: ['videotestsrc'] })
  expect(pipelineLine(exampleCamera(), machine, 1)).toContain(' videotestsrc ')
})

test('pipeline explains why a camera cannot be encoded', () => {
  const machine = exampleMachine({ without: ['vp8enc'] })
  expect(pipelineLine(exampleCamera({ codec: 'vp8' }), machine, 1)).toMatchObject({ cause: 'missing-plugin' })
})
