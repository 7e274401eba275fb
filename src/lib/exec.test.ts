import { expect, test } from 'vitest'
import { exec } from './exec.js'

test('output and exit code are returned', async () => {
  expect(await exec('sh', ['-c', 'echo out; echo err >&2; exit 3'], process.env)).toEqual({
    code: 3,
    stdout: 'out\n',
    stderr: 'err\n',
  })
  expect((await exec('no-such-program', [], process.env)).code).toBeUndefined()
})

test('a program that exceeds its limit is killed', async () =>
  expect(await exec('sleep', ['60'], process.env, 50)).toMatchObject({ code: 1 }))

test('a program that cannot be killed is abandoned', async () =>
  expect(await exec('sleep', ['3'], process.env, 50, 'SIGCONT')).toEqual({
    code: 1,
    stdout: '',
    stderr: 'sleep does not exit',
  }))

test('a command that the kernel rejects is reported, not thrown', async () => {
  const tooLong = 'x'.repeat(200_000) // MAX_ARG_STRLEN is 131,072
  const { code, stderr, exhausted } = await exec('true', [tooLong], process.env)
  expect({ code, stderr, exhausted }).toEqual({ code: 1, stderr: 'spawn E2BIG', exhausted: undefined })
})

test('a program that cannot start for want of a descriptor is reported as such', async () =>
  expect(
    await exec('sh', ['-c', 'echo "cannot open shared object file: Error 24" >&2; exit 127'], process.env),
  ).toMatchObject({ code: 127, exhausted: { cause: 'out-of-descriptors' } }))
