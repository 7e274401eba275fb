import type { MiddlewareHandler } from 'hono'
import { clientOf } from '../../lib/client-address.js'
import type { Origins } from './origins.js'

/** For WHEP clients on pages of other origins. */
const METHODS = 'GET, HEAD, POST, PATCH, DELETE, OPTIONS'
const REQUEST_HEADERS = 'Authorization, Content-Type, If-Match, Range, Tab-Id, X-Requested-With'
const RESPONSE_HEADERS = 'Location, ETag, Link, Accept-Post, Accept-Patch, Retry-After'
/** Safari's maximum; Chromium's is two hours. */
const MAX_AGE_S = 600

/**
 * CORS for every route. Only preflights are answered here, because OPTIONS has a meaning in WHEP; hono/cors answers every OPTIONS.
 * There is no Access-Control-Allow-Credentials: a page of another origin has to send credentials of its own.
 */
export function corsFor(origins: Origins): MiddlewareHandler {
  return async (c, next) => {
    const origin = c.req.header('origin')
    const kind = origins.kindOf(origin, c.req.header('host'), clientOf(c.env).forwardedHosts)
    const allowed = origins.allowsAll ? '*' : kind === 'own' || kind === 'named' ? origin : undefined
    if (!origins.allowsAll) c.header('Vary', 'Origin', { append: true })
    if (allowed !== undefined) {
      c.header('Access-Control-Allow-Origin', allowed)
      c.header('Access-Control-Expose-Headers', RESPONSE_HEADERS)
    }
    const isPreflight =
      c.req.method === 'OPTIONS' && c.req.header('access-control-request-method') !== undefined
    if (!isPreflight) return await next()
    if (allowed === undefined) return c.body(null, 204)
    // Chromium asks before a page of the internet reaches a private address.
    if (c.req.header('access-control-request-private-network') === 'true')
      c.header('Access-Control-Allow-Private-Network', 'true')
    return c.body(null, 204, {
      'Access-Control-Allow-Methods': METHODS,
      'Access-Control-Allow-Headers': REQUEST_HEADERS,
      'Access-Control-Max-Age': String(MAX_AGE_S),
    })
  }
}
