import type { Context } from 'hono'
import { clientOf } from '../../lib/client-address.js'
import type { CookieScope } from './access-control.js'

/** Addresses in the folder of the page of all cameras, which is the path of a cookie without the attribute `Path`. */
const IN_ROOT = ['/', '/sign-in', '/sign-out']

/** As narrow as the page of all cameras allows: behind a proxy other services may share the host. */
export function cookieScopeOf(c: Context): CookieScope {
  const { isSecure, prefix } = clientOf(c.env)
  if (prefix !== '') return { isSecure, path: `${prefix}/` }
  return { isSecure, path: IN_ROOT.includes(c.req.path) ? undefined : '/' }
}
