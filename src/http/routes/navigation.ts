import type { Context } from 'hono'

/** The headers that `isNavigation` reads, for `Vary` (RFC 9110 section 12.5.5). */
export const NAVIGATION_VARY = 'Accept, Sec-Fetch-Mode'

/** Media ranges of an `Accept` header that are read; browsers send ten at most. */
const MAX_RANGES = 32

/** Whether a person opened this address in a browser, or sent a form there. Programs, images and scripts get JSON. */
export function isNavigation(c: Context): boolean {
  const mode = c.req.header('sec-fetch-mode') // Chromium sends it with https and to localhost only
  if (mode !== undefined && mode !== 'navigate') return false
  const { method } = c.req
  if (method !== 'GET' && method !== 'HEAD' && !(method === 'POST' && isForm(c))) return false
  return prefersHtml(c.req.header('accept') ?? '')
}

const isForm = (c: Context): boolean =>
  (c.req.header('content-type') ?? '').startsWith('application/x-www-form-urlencoded')

/** Wildcards do not count: curl and fetch() send them. */
function prefersHtml(accept: string): boolean {
  const ranges = accept.split(',', MAX_RANGES)
  const html = qualityOf(ranges, 'text/html')
  const json = qualityOf(ranges, 'application/json')
  return html > 0 && html >= json
}

/** The weight of a media type that a header names (RFC 9110 section 12.4.2); 0 if it does not. */
function qualityOf(ranges: readonly string[], type: string): number {
  for (const range of ranges) {
    const [name = '', ...parameters] = range.split(';', 4)
    if (name.trim().toLowerCase() !== type) continue
    const weight = parameters.find((parameter) => /^\s*q=/i.test(parameter))?.split('=')[1]
    return weight === undefined ? 1 : Number(weight) || 0
  }
  return 0
}
