import { Hono } from 'hono'
import { AppError } from '../../errors.js'
import { clientOf } from '../../lib/client-address.js'
import { needs } from '../auth/permission.js'
import { apiPage, type OpenApi } from './api-page.js'
import { PLAIN_PAGE_HEADERS } from './html.js'
import { LANGUAGE_VARY, type Languages } from './page-words.js'

/**
 * `GET /api/openapi.json` and, for people, `GET /api/`.
 * @param text docs/openapi.json; undefined where the installation lacks it.
 */
export function openApiRoutes(
  text: string | undefined,
  version: string,
  languages: Pick<Languages, 'of'>,
): Hono {
  const document = text === undefined ? undefined : describe(JSON.parse(text) as OpenApi, version)
  const documentOrError = (): OpenApi => {
    if (document !== undefined) return document
    throw new AppError(
      'not-found',
      404,
      'this installation lacks docs/openapi.json: install rpi-webrtc again',
    )
  }
  const routes = new Hono()
  routes.get('/api/openapi.json', needs('watch'), (c) =>
    c.json(documentOrError(), 200, { 'cache-control': 'no-store' }),
  )
  routes.get('/api/', needs('watch'), (c) => {
    const { isSecure, prefix, forwardedHosts } = clientOf(c.env)
    const host = forwardedHosts[0] ?? new URL(c.req.url).host
    const root = `${isSecure ? 'https' : 'http'}://${host}${prefix}`
    const page = apiPage(documentOrError(), root, languages.of(c))
    return c.body(page, 200, { ...PLAIN_PAGE_HEADERS, vary: LANGUAGE_VARY })
  })
  return routes
}

/** `..` is the root of this server, also below the path of a proxy: it is relative to the document (OpenAPI 3.1, Server Object). */
const describe = (document: OpenApi, version: string): OpenApi => ({
  ...document,
  info: { ...document.info, version },
  servers: [{ url: '..' }],
})
