import { serveStatic } from '@hono/node-server/serve-static'
import { Hono, type MiddlewareHandler } from 'hono'
import { etag } from 'hono/etag'
import { noSuchCamera } from '../errors.js'

/**
 * The viewer page and its files. One page serves the grid and every single camera: it reads the address.
 * @param staticDir the folder with index.html. @param cameras the keys that have a page of their own.
 */
export function pageRoutes(staticDir: string, cameras: () => string[]): Hono {
  const routes = new Hono()
  const index = serveStatic({ root: staticDir, path: 'index.html' })
  routes.get('/', pageHeaders, etag(), index)
  routes.get('/favicon.svg', pageHeaders, etag(), serveStatic({ root: staticDir, path: 'favicon.svg' }))
  routes.get('/favicon.ico', (c) => c.redirect('/favicon.svg', 301))
  routes.get(
    '/assets/*',
    pageHeaders,
    etag(),
    serveStatic({ root: staticDir, rewriteRequestPath: (path) => path.replace(/^\/assets\//, '/') }),
  )
  routes.get('/:camera{camera[0-9]+}', (c) => {
    known(c.req.param('camera'), cameras())
    return c.redirect(`${c.req.path}/${new URL(c.req.url).search}`, 301)
  })
  routes.get('/:camera{camera[0-9]+}/', pageHeaders, etag(), async (c, next) => {
    known(c.req.param('camera'), cameras())
    return await index(c, next)
  })
  return routes
}

function known(camera: string, cameras: string[]): void {
  if (!cameras.includes(camera)) throw noSuchCamera(camera)
}

/** The page needs nothing from elsewhere and runs nothing inline; it may be shown in anybody's frame, for that is asked of it. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "media-src 'self' blob: mediastream:",
  "connect-src 'self' ws: wss:",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

const pageHeaders: MiddlewareHandler = async (c, next) => {
  await next()
  // The files' names say nothing of their content: a browser keeps them, and asks each time whether they changed.
  c.header('cache-control', 'no-cache')
  c.header('content-security-policy', policy)
  c.header('x-content-type-options', 'nosniff')
  c.header('referrer-policy', 'no-referrer')
}
