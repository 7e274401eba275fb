import { createHmac } from 'node:crypto'
import { sameSecret } from '../../lib/password.js'

/** Who may administer may also watch. */
export type Role = 'admin' | 'watch'

/** The cookie itself ends with the browser; this is for browsers that are never closed. */
const SESSION_MS = 30 * 24 * 3600 * 1000

/** What a browser shows instead of the credentials it once gave: Safari adds those to no WebSocket, and none to another port. */
export interface SessionCookies {
  /** The value of a cookie. */
  issue(role: Role): Promise<string>
  /** Whose it is; undefined where it is none of ours, or over. */
  read(value: string): Promise<Role | undefined>
}

/**
 * Signed, so that nothing has to be remembered.
 * @param keys for each role that can be had, a key made of its credentials: sessions outlive a restart and end with the
 * credentials; and who has one by the token has nothing to try passwords against.
 */
export function createSessionCookies(
  keys: Partial<Record<Role, Promise<Buffer>>>,
  nowMs: () => number,
): SessionCookies {
  const sign = async (role: string, expires: string): Promise<string | undefined> => {
    if (role !== 'admin' && role !== 'watch') return undefined
    const key = await keys[role]
    return key && createHmac('sha256', key).update(`${role}.${expires}`).digest('base64url')
  }
  return {
    issue: async (role) => {
      const expires = String(nowMs() + SESSION_MS)
      const signature = await sign(role, expires)
      if (signature === undefined) throw new Error(`nobody can have the role ${role}`)
      return `${role}.${expires}.${signature}`
    },
    read: async (value) => {
      const [role = '', expires = '', given = ''] = value.split('.')
      const signature = await sign(role, expires)
      if (signature === undefined || !sameSecret(given, signature)) return undefined
      return Number(expires) > nowMs() ? (role as Role) : undefined
    },
  }
}
