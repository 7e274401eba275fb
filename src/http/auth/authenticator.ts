import { createHmac, randomBytes } from 'node:crypto'
import type { AccessConfig } from '../../config/types.js'
import { normalForm } from '../../lib/password-format.js'
import { sameSecret, verifyPassword } from '../../lib/password.js'
import type { Log } from '../../log.js'
import { LoginThrottle } from './login-throttle.js'
import type { Role } from './session-cookies.js'

/** What somebody shows to be let in. */
export type Credential =
  { kind: 'login'; username: string; password: string } | { kind: 'token'; token: string }

/** A credential and what it came in. */
export type PresentedCredentials = Credential & { by: 'header' | 'query' }

/** @param token `?token=`, for what cannot send headers. */
export function presentedBy(
  authorization: string | undefined,
  token: string | undefined,
): PresentedCredentials[] {
  const presented: PresentedCredentials[] = []
  const [, scheme = '', value = ''] = /^(\w+) +([\w.~+/-]+=*) *$/.exec(authorization ?? '') ?? []
  if (scheme.toLowerCase() === 'bearer') presented.push({ kind: 'token', token: value, by: 'header' })
  if (scheme.toLowerCase() === 'basic') {
    // RFC 7617: the name ends at the first colon; UTF-8, as the challenge asks for.
    const text = Buffer.from(value, 'base64').toString('utf8')
    const colon = text.indexOf(':')
    const [username, password] = [text.slice(0, colon), text.slice(colon + 1)]
    if (colon !== -1) presented.push({ kind: 'login', username, password, by: 'header' })
  }
  if (token !== undefined) presented.push({ kind: 'token', token, by: 'query' })
  return presented
}

/** Verifications that wait for each other; what comes on top is asked to come back. */
const MOST_PENDING = 32
const COME_BACK_MS = 1000

/** The role a credential leads to, undefined where it is wrong, or how long its address has to wait before it is looked at. */
export type Authenticator = (
  credential: Credential,
  address: string,
) => Promise<Role | { waitMs: number } | undefined>

/** Knows the credentials, checks each at most once, and slows down who guesses. */
export function createAuthenticator(
  { login, token }: Pick<AccessConfig, 'login' | 'token'>,
  log: Log,
  nowMs: () => number,
): Authenticator {
  const guesses = new LoginThrottle(nowMs)
  const digestKey = randomBytes(32)
  const pending = new Map<string, Promise<boolean>>()
  let last: Promise<unknown> = Promise.resolve()
  let verified: string | undefined // the credentials cannot change while the program runs

  const isLogin = async (username: string, password: string): Promise<boolean> => {
    if (login === undefined) return false
    // The password is looked at even for a wrong name: how long it takes must not tell which names there are.
    const isPassword = await verifyPassword(password, login.password)
    return sameSecret(normalForm(username), login.username) && isPassword
  }

  /** One at a time, for each may take much memory and a core; the many requests of one page are one. */
  const verify = (username: string, password: string, digest: string): Promise<boolean> => {
    const checking = last.then(async () => await isLogin(username, password))
    pending.set(digest, checking)
    last = checking.then(
      () => pending.delete(digest),
      () => pending.delete(digest),
    )
    return checking
  }

  const roleOf = async (credential: Credential, digest: string): Promise<Role | undefined> => {
    if (credential.kind === 'token')
      return token !== undefined && sameSecret(credential.token, token) ? 'watch' : undefined
    const { username, password } = credential
    if (!(await (pending.get(digest) ?? verify(username, password, digest)))) return undefined
    verified = digest
    return 'admin'
  }

  return async (credential, address) => {
    const digest = createHmac('sha256', digestKey).update(JSON.stringify(credential)).digest('base64')
    if (guesses.repeats(address, digest)) return undefined
    // Also for what is known to be right: else the wait would not keep anybody from finding out what is.
    const waitMs = guesses.waitMs(address)
    if (waitMs > 0) return { waitMs }
    if (verified !== undefined && sameSecret(verified, digest)) return 'admin'
    const isCounted = pending.has(digest)
    if (!isCounted && pending.size >= MOST_PENDING) return { waitMs: COME_BACK_MS }
    if (!isCounted) guesses.begin(address)
    const role = await roleOf(credential, digest)
    if (role === undefined) {
      guesses.wrong(address, digest)
      const mustWaitS = Math.ceil(guesses.waitMs(address) / 1000)
      log[mustWaitS > 0 ? 'warn' : 'info']('wrong credentials', { from: address, mustWaitS })
    } else if (!isCounted) guesses.forgive(address)
    return role
  }
}
