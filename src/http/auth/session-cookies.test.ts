import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createSessionCookies, type Role } from './session-cookies.js'

const day = 24 * 3600 * 1000

function setUp(roles: Role[] = ['admin', 'watch']) {
  const clock = { ms: 1_800_000_000_000 }
  const keys = Object.fromEntries(roles.map((role) => [role, Promise.resolve(randomBytes(32))]))
  return { clock, keys, sessions: createSessionCookies(keys, () => clock.ms) }
}

test.each(['admin', 'watch'] as const)('a session of the role %s is known by its cookie', async (role) => {
  const { sessions } = setUp()
  const value = await sessions.issue(role)
  expect(value).toMatch(/^[\w.-]+$/)
  expect(await sessions.read(value)).toBe(role)
})

test('a session expires after 30 days', async () => {
  const { sessions, clock } = setUp()
  const value = await sessions.issue('watch')
  clock.ms += 30 * day - 1
  expect(await sessions.read(value)).toBe('watch')
  clock.ms += 1
  expect(await sessions.read(value)).toBeUndefined()
})

test('a session outlives a restart, and ends when the credentials change', async () => {
  const { sessions, keys, clock } = setUp()
  const value = await sessions.issue('admin')
  expect(await createSessionCookies(keys, () => clock.ms).read(value)).toBe('admin')
  expect(await setUp().sessions.read(value)).toBeUndefined()
})

test('a forged or changed cookie is rejected', async () => {
  const { sessions } = setUp()
  const [role, expires, signature] = (await sessions.issue('watch')).split('.') as [string, string, string]
  for (const forged of [
    `admin.${expires}.${signature}`,
    `${role}.${Number(expires) + day}.${signature}`,
    `${role}.${expires}.`,
    `${role}.${expires}`,
    `toString.${expires}.${signature}`,
    '',
    '...',
    'x'.repeat(4000),
  ])
    expect(await sessions.read(forged), forged).toBeUndefined()
})

test('a role that no credentials lead to has no session', async () => {
  const { sessions } = setUp(['watch'])
  await expect(sessions.issue('admin')).rejects.toThrow('no credentials grant the role admin')
  expect(await sessions.read(`admin.${Number.MAX_SAFE_INTEGER}.x`)).toBeUndefined()
})
