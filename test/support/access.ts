import { createHmac, scryptSync } from 'node:crypto'
import { createAccessControl, type AccessControl } from '../../src/http/auth/access-control.js'
import { parsePassword } from '../../src/lib/password-format.js'
import { silentLog, type Log } from '../../src/log.js'

/** The credentials of every test that needs some. */
export const USERNAME = 'anna'
export const PASSWORD = 'correct horse'
export const TOKEN = '0123456789abcdef'

export const basic = (username = USERNAME, password = PASSWORD): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

export interface AccessOptions {
  /** The password as a configuration has it; without it there is no login. */
  password?: string
  username?: string
  token?: string
  /** By camera. */
  publishTokens?: Record<string, string>
  allowOrigins?: string[]
  names?: string[]
  tls?: boolean
  nowMs?: () => number
  monotonicMs?: () => number
  log?: Log
}

/** Who may watch, at a web-port of 8080 of a machine called pi; without options that is everybody. */
export function accessWith(options: AccessOptions = {}): AccessControl {
  const { username = USERNAME, password, token, allowOrigins, names = [], nowMs } = options
  const { tls = false, log = silentLog, publishTokens = {} } = options
  const machineNames = (): ReadonlySet<string> => new Set(['pi', 'pi.local'])
  const monotonicMs = options.monotonicMs ?? nowMs
  const login = password === undefined ? undefined : { username, ...passwordOf(password) }
  return createAccessControl(
    { login, token, allowOrigins, names, publishTokens: new Map(Object.entries(publishTokens)) },
    {
      webPort: 8080,
      tls,
      log,
      machineNames,
      deriveKey: quickKey,
      ...(nowMs && { nowMs }),
      ...(monotonicMs && { monotonicMs }),
    },
  )
}

/** A test makes hundreds of them; the slow derivation has tests of its own. */
const quickKey = async (secret: string, purpose: string): Promise<Buffer> =>
  await Promise.resolve(createHmac('sha256', secret).update(purpose).digest())

const passwordOf = (passwordText: string) => ({ password: parsePassword(passwordText), passwordText })

/** What a configuration may have in place of the password, computed in a moment. */
export function quickHash(password: string): string {
  const [salt, options] = [Buffer.from('salt of a test'), { N: 1024, r: 8, p: 1 }]
  const hash = scryptSync(password, salt, 32, options)
  return `scrypt$1024$8$1$${salt.toString('base64url')}$${hash.toString('base64url')}`
}
