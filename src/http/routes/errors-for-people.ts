import type { Context, MiddlewareHandler } from 'hono'
import type { ApiError } from './error-page.js'
import { isNavigation, NAVIGATION_VARY } from './navigation.js'
import { LANGUAGE_VARY } from './page-words.js'

export interface PageForPeople {
  html: string
  headers: Record<string, string>
}

/** Puts a page in place of the JSON of an error where a person opened the address. Programs get the JSON. */
export const errorsForPeople =
  (pageFor: (c: Context, error: ApiError) => PageForPeople): MiddlewareHandler =>
  async (c, next) => {
    await next()
    if (c.res.status < 400 || c.res.headers.get('content-type')?.startsWith('application/json') !== true)
      return
    if (c.req.method === 'GET' || c.req.method === 'HEAD') c.res.headers.append('vary', NAVIGATION_VARY)
    if (!isNavigation(c)) return
    const { status, headers } = c.res
    const json = await c.res.text()
    const error = errorIn(json)
    const page = error && pageFor(c, error)
    for (const [name, value] of Object.entries(page?.headers ?? {}))
      if (name !== 'vary') headers.set(name, value)
    if (page) headers.append('vary', LANGUAGE_VARY)
    c.res = undefined // otherwise Hono merges the headers of both
    c.res = new Response(page?.html ?? json, { status, headers })
  }

/** /health answers with JSON and 503 too, but with no error. */
function errorIn(json: string): ApiError | undefined {
  const { error, message, hint } = JSON.parse(json) as Partial<Record<keyof ApiError, unknown>>
  if (typeof error !== 'string' || typeof message !== 'string') return undefined
  return { error, message, ...(typeof hint === 'string' && { hint }) }
}
