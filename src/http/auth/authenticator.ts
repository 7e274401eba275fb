import { createHmac, randomBytes } from 'node:crypto'
import type { AccessConfig } from '../../config/types.js'
import { normalForm } from '../../lib/password-format.js'
import { sameSecret, verifyPassword } from '../../lib/password.js'
import type { Log } from '../../log.js'
import { LoginThrottle } from './login-throttle.js'
import type { Role } from './session-cookies.js'

export type Credential =
  | { kind: 'login'; username: string; password: string }
  | { kind: 'token'; token: string }
  /** Shows that the client knows a secret without sending it (Digest, RFC 7616). */
  | { kind: 'proof'; username: string; response: string; proves: (secret: string) => boolean }

/** The user name that stands for the token, where clients know only names and passwords. */
export const TOKEN_USERNAME = 'token'

/** A credential and where the request has it. */
export type PresentedCredentials = Exclude<Credential, { kind: 'proof' }> & { by: 'header' | 'query' }

/** @param token `?token=`, for clients that cannot send headers. */
export function presentedBy(
  authorization: string | undefined,
  token: string | undefined,
): PresentedCredentials[] {
  const presented: PresentedCredentials[] = []
  const [, scheme = '', value = ''] = /^(\w+) +([\w.~+/-]+=*) *$/.exec(authorization ?? '') ?? []
  if (scheme.toLowerCase() === 'bearer') presented.push({ kind: 'token', token: value, by: 'header' })
  if (scheme.toLowerCase() === 'basic') {
    // RFC 7617: the name ends at the first colon.
    const text = Buffer.from(value, 'base64').toString('utf8')
    const colon = text.indexOf(':')
    const [username, password] = [text.slice(0, colon), text.slice(colon + 1)]
    if (colon !== -1) presented.push({ kind: 'login', username, password, by: 'header' })
  }
  if (token !== undefined) presented.push({ kind: 'token', token, by: 'query' })
  return presented
}

/** Password verifications in the queue; further ones are rejected for a second. */
const MAX_PENDING = 32
const RETRY_AFTER_MS = 1000

/**
 * @param camera to publish to: then a token is that of this camera.
 * @returns the role; undefined for wrong credentials; or how long the address has to wait.
 */
export type Authenticator = (
  credential: Credential,
  address: string,
  camera?: string,
) => Promise<Role | 'publish' | { waitMs: number } | undefined>

/** Verifies each credential at most once, and slows down brute force. */
export function createAuthenticator(
  { login, token, publishTokens }: Pick<AccessConfig, 'login' | 'token' | 'publishTokens'>,
  log: Log,
  nowMs: () => number,
): Authenticator {
  const throttle = new LoginThrottle(nowMs)
  const digestKey = randomBytes(32)
  const pending = new Map<string, Promise<boolean>>()
  let last: Promise<unknown> = Promise.resolve()
  let verified: string | undefined // digest of the correct login

  const isLogin = async (username: string, password: string): Promise<boolean> => {
    if (login === undefined) return false
    // Also for a wrong name, so that the response time does not reveal valid names.
    const isPassword = await verifyPassword(password, login.password)
    return sameSecret(normalForm(username), login.username) && isPassword
  }

  /** One at a time, because each may need a core and much memory. Parallel requests of one page share a verification. */
  const verify = (username: string, password: string, digest: string): Promise<boolean> => {
    const checking = last.then(async () => await isLogin(username, password))
    pending.set(digest, checking)
    last = checking.then(
      () => pending.delete(digest),
      () => pending.delete(digest),
    )
    return checking
  }

  const roleOfProof = ({ username, proves }: Credential & { kind: 'proof' }): Role | undefined => {
    if (username === TOKEN_USERNAME) return token !== undefined && proves(token) ? 'watch' : undefined
    if (login?.password.kind !== 'plain') return undefined
    const isSecret = proves(login.password.text)
    return sameSecret(normalForm(username), login.username) && isSecret ? 'admin' : undefined
  }

  /** A token that is right for something else grants nothing, and is no guess. */
  const grantOf = (
    given: string,
    camera: string | undefined,
  ): 'watch' | 'publish' | 'elsewhere' | undefined => {
    const isToWatch = token !== undefined && sameSecret(given, token)
    const cameras = [...(publishTokens ?? [])].filter(([, wanted]) => sameSecret(given, wanted))
    if (camera === undefined && isToWatch) return 'watch'
    if (cameras.some(([key]) => key === camera)) return 'publish'
    return isToWatch || cameras.length > 0 ? 'elsewhere' : undefined
  }

  const roleOf = async (
    credential: Credential,
    digest: string,
    camera: string | undefined,
  ): Promise<Role | 'publish' | 'elsewhere' | undefined> => {
    if (credential.kind === 'token') return grantOf(credential.token, camera)
    if (credential.kind === 'proof') return roleOfProof(credential)
    const { username, password } = credential
    if (!(await (pending.get(digest) ?? verify(username, password, digest)))) return undefined
    verified = digest
    return 'admin'
  }

  return async (credential, address, camera) => {
    const digest = createHmac('sha256', digestKey).update(JSON.stringify(credential)).digest('base64')
    if (throttle.repeats(address, digest)) return undefined
    // The lockout also applies to correct credentials; otherwise it would reveal them.
    const waitMs = throttle.waitMs(address)
    if (waitMs > 0) return { waitMs }
    if (verified !== undefined && sameSecret(verified, digest)) return 'admin'
    const isCounted = pending.has(digest)
    if (!isCounted && pending.size >= MAX_PENDING) return { waitMs: RETRY_AFTER_MS }
    if (!isCounted) throttle.begin(address)
    const role = await roleOf(credential, digest, camera)
    if (role === undefined) {
      throttle.wrong(address, digest)
      const mustWaitS = Math.ceil(throttle.waitMs(address) / 1000)
      log[mustWaitS > 0 ? 'warn' : 'info']('wrong credentials', { from: address, mustWaitS })
    } else if (!isCounted) throttle.forgive(address)
    return role === 'elsewhere' ? undefined : role
  }
}
