import type { Context, MiddlewareHandler } from 'hono'
import type { AccessControl, Refusal, Role, AccessRequest } from './access-control.js'
import { clientAddress } from '../../lib/client-address.js'
import { queryValue } from '../../lib/query.js'
import { corsFor } from './cors.js'
import { permissionOf } from './permission.js'

declare module 'hono' {
  interface ContextVariableMap {
    /** Of the client; undefined where it showed no credentials, which only a public route gets to see. */
    role: Role | undefined
  }
}

/** What stands before every route: under which name the server answers, who may read the answer, and who may ask at all. */
export const authMiddleware = (
  access: AccessControl,
): [MiddlewareHandler, MiddlewareHandler, MiddlewareHandler, MiddlewareHandler] => [
  noSniffing,
  answerToOwnNames(access),
  corsFor(access.origins),
  admit(access),
]

/** An error repeats what it was asked for: a browser must take no answer for another type than it has. */
const noSniffing: MiddlewareHandler = async (c, next) => {
  await next()
  c.res.headers.set('x-content-type-options', 'nosniff')
}

/** Also of a preflight, which CORS answers by itself. */
const answerToOwnNames =
  (access: AccessControl): MiddlewareHandler =>
  async (c, next): Promise<Response | undefined> => {
    const refusal = access.refusalOfHost(c.req.header('host'))
    // To a person it says what to write: JSON would put backslashes into the line to copy.
    if (refusal !== undefined && isPageLoad(c)) return c.text(refusal.message, refusal.status)
    if (refusal !== undefined) return refuse(c, refusal)
    await next()
    return undefined
  }

const admit =
  (access: AccessControl): MiddlewareHandler =>
  async (c, next): Promise<Response | undefined> => {
    const visit = accessRequestOf(c)
    const verdict = await access.decide(visit)
    if (!verdict.allowed) return refuse(c, verdict)
    c.set('role', verdict.role)
    // From here on a browser shows the cookie, with the files of the page, its WebSockets, and on the cameras' ports.
    const isFirst = (verdict.by === 'header' || verdict.by === 'query') && isPageLoad(c)
    const cookie = isFirst && verdict.role !== undefined ? await access.cookieFor(verdict.role) : undefined
    await next()
    if (cookie !== undefined) {
      c.res.headers.append('set-cookie', cookie)
      // RFC 9111 section 7.3: a cache between would hand on the cookie with the page, which it may keep.
      c.res.headers.set('cache-control', 'private, no-cache')
    }
    // A WHEP player that was given no more than an address follows the one of its session, which needs the token too.
    const location = c.res.headers.get('location')
    if (verdict.by === 'query' && location !== null && !/[?&]token=/.test(location))
      c.res.headers.set('location', `${location}${location.includes('?') ? '&' : '?'}token=${visit.token!}`)
    return undefined
  }

/** A refusal depends on the credentials: nobody may keep it for somebody else. */
const refuse = (c: Context, { status, code, message, headers }: Refusal): Response =>
  c.json({ error: code, message }, status, { ...headers, 'Cache-Control': 'no-store' })

const isPageLoad = (c: Context): boolean =>
  c.req.method === 'GET' && c.req.header('accept')?.includes('text/html') === true

function accessRequestOf(c: Context): AccessRequest {
  return {
    method: c.req.method,
    permission: permissionOf(c),
    isWebSocket: false,
    token: queryValue(c.req.url, 'token'),
    authorization: c.req.header('authorization'),
    cookie: c.req.header('cookie'),
    origin: c.req.header('origin'),
    host: c.req.header('host'),
    address: clientAddress(c.env),
  }
}
