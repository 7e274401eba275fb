import { timingSafeEqual } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { normalForm, parsePassword } from './password-format.js'
import { hashPassword, sameSecret, verifyPassword, type Argon2 } from './password.js'

vi.mock(import('node:crypto'), async (original) => {
  const crypto = await original()
  // Without argon2, as before Node 24.7.
  return { ...crypto, argon2: undefined, timingSafeEqual: vi.fn(crypto.timingSafeEqual) }
})

/** RFC 7914 section 12, the vector with N = 1024: password "password", salt "NaCl". */
const RFC_7914 = Buffer.from(
  'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162' +
    '2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640',
  'hex',
)

test('a plain password matches itself only', async () => {
  const password = parsePassword('correct horse')
  expect(password.kind).toBe('plain')
  expect(await verifyPassword('correct horse', password)).toBe(true)
  for (const wrong of ['', 'correct hors', 'correct horse ', 'Correct horse'])
    expect(await verifyPassword(wrong, password)).toBe(false)
})

test('hash-password prints a hash of the password, each time with another salt', async () => {
  const [first, second] = [await hashPassword('s3cret'), await hashPassword('s3cret')]
  expect(first).toMatch(/^scrypt\$16384\$8\$5\$[\w-]{22}\$[\w-]{43}$/)
  expect(first).not.toBe(second)
  for (const text of [first, second]) {
    expect(await verifyPassword('s3cret', parsePassword(text))).toBe(true)
    expect(await verifyPassword('s3cres', parsePassword(text))).toBe(false)
  }
})

test('scrypt computes the test vector of RFC 7914', async () => {
  const salt = Buffer.from('NaCl')
  const password = {
    kind: 'scrypt',
    cost: 1024,
    blockSize: 8,
    parallelism: 16,
    salt,
    hash: RFC_7914,
  } as const
  expect(await verifyPassword('password', password)).toBe(true)
})

test('composed and decomposed letters match', async () => {
  const [composed, decomposed] = ['T\u00fcr', 'Tu\u0308r']
  expect(await verifyPassword(composed, parsePassword(decomposed))).toBe(true)
  expect(await verifyPassword(decomposed, parsePassword(await hashPassword(composed)))).toBe(true)
})

test('the parameters of an argon2 hash are passed to Node.js', async () => {
  const calls: unknown[] = []
  const argon2: Argon2 = (algorithm, parameters, done) => {
    calls.push([algorithm, { ...parameters, message: parameters.message.toString() }])
    done(null, Buffer.alloc(32, parameters.message.toString() === 'right' ? 7 : 8))
  }
  const [salt, hash] = [Buffer.alloc(16, 3), Buffer.alloc(32, 7)]
  const base64 = (data: Buffer): string => data.toString('base64').replaceAll('=', '')
  const password = parsePassword(`$argon2id$v=19$m=65536,t=3,p=4$${base64(salt)}$${base64(hash)}`, () => true)
  expect(await verifyPassword('right', password, argon2)).toBe(true)
  expect(await verifyPassword('wrong', password, argon2)).toBe(false)
  const parameters = { nonce: salt, parallelism: 4, tagLength: 32, memory: 65536, passes: 3 }
  expect(calls[0]).toEqual(['argon2id', { message: 'right', ...parameters }])
})

const salt = 'A'.repeat(22)
const hash = 'B'.repeat(43)
test.each([
  ['', 'is empty'],
  ['a\u0007b', 'has a control character'],
  ['scrypt$16384$8$1$abc', 'is not a complete scrypt$N$r$p$salt$hash'],
  [`scrypt$16383$8$1$${salt}$${hash}`, 'is not a power of two'],
  [`scrypt$512$8$1$${salt}$${hash}`, 'is not a power of two from 1024'],
  [`scrypt$1048576$8$1$${salt}$${hash}`, 'more than 256 MiB'],
  [`scrypt$16384$0$1$${salt}$${hash}`, 'or none at all'],
  [`scrypt$16384$8$17$${salt}$${hash}`, 'a p that is not from 1 to 16'],
  [`scrypt$16384$8$1$AAAA$${hash}`, 'a salt below 8 bytes'],
  [`scrypt$16384$8$1$${salt}$BBBB`, 'a hash that is not from 16'],
  ['$2b$12$abcdefghijklmnopqrstuv', 'a hash of an unsupported kind'],
  ['$argon2id$v=19$m=1,t=1,p=1$AAAAAAAAAAA$BBBB', 'parameters that argon2 rejects'],
  ['$argon2id$m=65536$AAAA$BBBB', 'is not a complete $argon2id'],
])('%j is rejected: it %s', (text, problem) => expect(() => parsePassword(text, () => true)).toThrow(problem))

test('an argon2 hash is rejected with a hint if Node.js has no argon2', () =>
  expect(() => parsePassword(`$argon2id$v=19$m=65536,t=3,p=4$${salt}$${hash}`, () => false)).toThrow(
    'which needs Node.js 24.7: write the output of "rpi-webrtc hash-password"',
  ))

test('secrets are compared in constant time', async () => {
  vi.mocked(timingSafeEqual).mockClear()
  sameSecret('short', 'a much longer secret')
  await verifyPassword('a', parsePassword('b'))
  await verifyPassword('a', parsePassword(await hashPassword('b')))
  expect(vi.mocked(timingSafeEqual)).toHaveBeenCalledTimes(3)
})

test('text is normalized, except long runs of combining marks', async () => {
  const stacked = (marks: number): string => `a${'\u0315\u0300'.repeat(marks / 2)}`
  expect(normalForm('a\u0308')).toBe('ä')
  expect(normalForm(stacked(30))).toBe(stacked(30).normalize('NFC'))
  expect(normalForm(stacked(32))).toBe(stacked(32))
  expect(await verifyPassword(stacked(32), parsePassword(stacked(32)))).toBe(true)
})
