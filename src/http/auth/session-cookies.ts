import { createHmac } from 'node:crypto'
import { sameSecret } from '../../lib/password.js'

/** `admin` includes `watch`. */
export type Role = 'admin' | 'watch'

/** For browsers that are never closed; a session cookie ends with the browser. */
const SESSION_MS = 30 * 24 * 3600 * 1000

/** Cookies that replace stored credentials, which Safari does not send with WebSockets or to other ports. */
export interface SessionCookies {
  /** @returns the value of a cookie. */
  issue(role: Role): Promise<string>
  /** @returns the role; undefined for an invalid or expired cookie. */
  read(value: string): Promise<Role | undefined>
}

/**
 * Signed, so that the server keeps no state.
 * @param keys derived from the credentials of each role: sessions survive a restart and end when the credentials change, and a cookie of
 * the token is useless for brute-forcing the password.
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
      if (signature === undefined) throw new Error(`no credentials grant the role ${role}`)
      return `${role}.${expires}.${signature}`
    },
    read: async (value) => {
      const [role = '', expires = '', presented = ''] = value.split('.')
      const signature = await sign(role, expires)
      if (signature === undefined || !sameSecret(presented, signature)) return undefined
      return Number(expires) > nowMs() ? (role as Role) : undefined
    },
  }
}
