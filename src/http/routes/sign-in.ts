import { Hono, type Context, type MiddlewareHandler } from 'hono'
import { AppError } from '../../errors.js'
import { clientOf } from '../../lib/client-address.js'
import { formValue, queryValue } from '../../lib/query.js'
import { rootFrom } from '../../lib/relative-path.js'
import type { AccessControl, CookieScope, Rejection } from '../auth/access-control.js'
import { cookieScopeOf } from '../auth/cookie-scope.js'
import { needs } from '../auth/permission.js'
import { isNavigation } from './navigation.js'
import { addressBelowRoot, returnAddress } from './return-address.js'
import { FORM_CHALLENGE, type SignInForm, type SignInPage } from './sign-in-page.js'

/** A name, a password and an address of 2000 characters, each escaped. */
export const MAX_SIGN_IN_BODY_BYTES = 16 * 1024

const NO_STORE = { 'cache-control': 'no-store' }

type Access = Pick<AccessControl, 'signInWith' | 'signIn' | 'cookieFor' | 'cookieRemoval' | 'origins'>

/**
 * `/sign-in` and `/sign-out`. The form sets the cookie that a page loaded with Basic sets. The cookie holds no identifier that exists
 * before, so there is nothing to fixate; the origin of the form is checked against CSRF.
 * @param readBody sets `body` of the context, within its limit.
 */
export function signInRoutes(access: Access, page: SignInPage, readBody: MiddlewareHandler): Hono {
  const routes = new Hono()

  routes.get('/sign-in', needs('public'), (c) => {
    const to = returnAddress(queryValue(c.req.url, 'to'))
    const { signInWith: kind } = access
    const role = c.get('role')
    if (kind === undefined || role === 'admin' || (role === 'watch' && kind === 'token'))
      return c.body(null, 303, { ...NO_STORE, location: to })
    return c.body(page.html({ kind, root: rootOf(c), to: to.slice(2), place: 'own' }, c), 200, page.headers)
  })

  routes.post('/sign-in', needs('public'), readBody, async (c) => {
    const [type = ''] = (c.req.header('content-type') ?? '').split(';')
    if (type.trim().toLowerCase() !== FORM_TYPE) {
      c.header('accept-post', FORM_TYPE)
      throw new AppError('unsupported-media-type', 415, `send ${FORM_TYPE}, as the form at GET /sign-in does`)
    }
    const field = (name: string): string => formValue(c.get('body'), name) ?? ''
    const to = returnAddress(field('to'))
    const { signInWith: kind } = access
    if (kind === undefined) return c.body(null, 303, { ...NO_STORE, location: to })
    const username = field('username')
    const decision = await access.signIn(
      kind === 'login'
        ? { kind, username, password: field('password') }
        : { kind, token: field('token').trim() },
      { ...clientOf(c.env), origin: c.req.header('origin'), host: c.req.header('host') },
    )
    if (!decision.allowed) return rejected(c, decision, { kind, root: rootOf(c), to: to.slice(2), username })
    const cookie = await access.cookieFor(decision.role, cookieScopeOf(c))
    return c.body(null, 303, { ...NO_STORE, location: to, ...(cookie && { 'set-cookie': cookie }) })
  })

  routes.post('/sign-out', needs('public'), (c) => {
    const { forwardedHosts } = clientOf(c.env)
    const kind = access.origins.kindOf(c.req.header('origin'), c.req.header('host'), forwardedHosts)
    if (kind === 'any')
      return c.json({ error: 'origin-not-allowed', message: 'only a page of this server may sign out' }, 403)
    for (const scope of scopesOf(c)) c.header('set-cookie', access.cookieRemoval(scope), { append: true })
    return c.body(null, 204, NO_STORE)
  })

  return routes

  function rejected(c: Context, rejection: Rejection, form: Omit<SignInForm, 'place' | 'problem'>): Response {
    const { status, code, message } = rejection
    const headers: Record<string, string> = { ...rejection.headers, ...NO_STORE }
    if (status === 401) headers['WWW-Authenticate'] = FORM_CHALLENGE
    if (!isNavigation(c) || (status !== 401 && status !== 429))
      return c.json({ error: code, message }, status, headers)
    const problem = status === 429 ? { waitS: Number(headers['Retry-After']) } : 'wrong'
    const html = page.html({ ...form, place: 'own', problem }, c)
    return c.body(html, status, { ...headers, ...page.headers })
  }
}

const FORM_TYPE = 'application/x-www-form-urlencoded'

/** The form in place of a page that a browser opened without credentials. */
export function signInInPlace(c: Context, kind: SignInForm['kind'], page: SignInPage): string {
  const place = c.req.path === '/' ? 'home' : 'page'
  return page.html({ kind, root: rootOf(c), to: addressBelowRoot(c.req.url), place }, c)
}

/** At `https://home.example/cams`, without a slash, a relative address would lack the prefix. */
function rootOf(c: Context): string {
  const { prefix } = clientOf(c.env)
  return prefix === '' ? rootFrom(c.req.url) : `${prefix}/`
}

/** Every scope that a cookie of this browser may have, by the page that it opened first. */
function scopesOf(c: Context): CookieScope[] {
  const { isSecure, prefix } = clientOf(c.env)
  const paths = [undefined, '/', ...(prefix === '' ? [] : [`${prefix}/`])]
  return paths.map((path) => ({ isSecure, path }))
}
