import type { Context, MiddlewareHandler } from 'hono'
import type { AccessControl, AccessRequest, Rejection, Role } from './access-control.js'
import { clientOf } from '../../lib/client-address.js'
import { queryValue } from '../../lib/query.js'
import { cookieScopeOf } from './cookie-scope.js'
import { corsFor } from './cors.js'
import { permissionOf } from './permission.js'

declare module 'hono' {
  interface ContextVariableMap {
    /** Of the client; undefined on a public route without credentials. */
    role: Role | undefined
    /** Whether the browser has a cookie, and nothing else, that gives it this role. */
    isSignedIn: boolean
  }
}

/** Runs before every route: host names, CORS and access control. */
export const authMiddleware = (
  access: AccessControl,
): [MiddlewareHandler, MiddlewareHandler, MiddlewareHandler, MiddlewareHandler] => [
  noSniffing,
  checkHost(access),
  corsFor(access.origins),
  checkAccess(access),
]

/** Errors repeat parts of the request; a browser must not interpret them as another type. */
const noSniffing: MiddlewareHandler = async (c, next) => {
  await next()
  c.res.headers.set('x-content-type-options', 'nosniff')
}

/** Before CORS, which answers preflights by itself. */
const checkHost =
  (access: AccessControl): MiddlewareHandler =>
  async (c, next): Promise<Response | undefined> => {
    const rejection = access.rejectHost(c.req.header('host'), clientOf(c.env).forwardedHosts)
    if (rejection !== undefined) return reject(c, rejection)
    await next()
    return undefined
  }

const checkAccess =
  (access: AccessControl): MiddlewareHandler =>
  async (c, next): Promise<Response | undefined> => {
    const request = accessRequestOf(c)
    const decision = await access.decide(request)
    if (!decision.allowed) return reject(c, decision)
    c.set('role', decision.role)
    // The browser then sends the cookie with the page's files and WebSockets, also to the cameras' ports.
    const isFirst = (decision.by === 'header' || decision.by === 'query') && isPageLoad(c)
    const cookie =
      isFirst && decision.role !== undefined
        ? await access.cookieFor(decision.role, cookieScopeOf(c))
        : undefined
    c.set('isSignedIn', request.authorization === undefined && (decision.by === 'cookie' || isFirst))
    await next()
    if (cookie !== undefined) {
      c.res.headers.append('set-cookie', cookie)
      // RFC 9111 section 7.3: a shared cache would hand the cookie to other clients.
      c.res.headers.set('cache-control', 'private, no-cache')
    }
    // A WHEP player that only has an address with the token needs it in the address of its session too.
    const location = c.res.headers.get('location')
    if (decision.by === 'query' && location !== null && !/[?&]token=/.test(location))
      c.res.headers.set('location', `${location}${location.includes('?') ? '&' : '?'}token=${request.token!}`)
    return undefined
  }

/** Not cached, because it depends on the credentials. */
const reject = (c: Context, { status, code, message, headers }: Rejection): Response =>
  c.json({ error: code, message }, status, { ...headers, 'Cache-Control': 'no-store' })

const isPageLoad = (c: Context): boolean =>
  c.req.method === 'GET' && c.req.header('accept')?.includes('text/html') === true

function accessRequestOf(c: Context): AccessRequest {
  const { address, forwardedHosts } = clientOf(c.env)
  const permission = permissionOf(c)
  return {
    method: c.req.method,
    permission,
    camera: permission === 'publish' ? c.req.path.split('/')[1] : undefined,
    isWebSocket: false,
    token: queryValue(c.req.url, 'token'),
    authorization: c.req.header('authorization'),
    cookie: c.req.header('cookie'),
    origin: c.req.header('origin'),
    host: c.req.header('host'),
    forwardedHosts,
    address,
  }
}
