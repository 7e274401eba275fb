import { Hono, type Context, type MiddlewareHandler } from 'hono'
import { etag } from 'hono/etag'
import { noSuchCamera } from '../../errors.js'
import { CAMERA_PARAMETER } from '../../lib/camera-key.js'
import { rootFrom } from '../../lib/relative-path.js'
import type { AccessControl } from '../auth/access-control.js'
import { needs } from '../auth/permission.js'
import { answerCompressed } from './compressed-file.js'
import { clientConfig, type ConfigFacts } from './client-config.js'
import type { PageFile } from './page-file.js'
import type { PageFiles } from './page-files.js'
import { LANGUAGE_VARY, type Languages } from './page-words.js'
import { wordsOfPage } from './word-files.js'

/** What the menu of the page leads to. */
export interface PageLinks {
  access: Pick<AccessControl, 'signInWith'>
  authority: () => Promise<object | undefined>
}

/**
 * The viewer page and its files. The same page shows the grid and a single camera, depending on its URL.
 */
export function pageRoutes(
  { files, hashes, pageWith, ownerPage }: PageFiles,
  languages: Languages,
  config: () => ConfigFacts,
  { access, authority }: PageLinks,
): Hono {
  const wordFiles = wordsOfPage(languages)
  const page = async (c: Context, camera?: string): Promise<Response> => {
    const bootstrap = {
      ...clientConfig(config(), c.get('role'), rootFrom(c.req.url)),
      ...(c.get('isSignedIn') && { may_sign_out: true }),
      ...(access.signInWith === 'login' && c.get('role') !== 'admin' && { may_sign_in: true }),
      ...((await authority()) !== undefined && { has_authority: true }),
    }
    return answerIn(c, pageWith(bootstrap, camera, languages.of(c)), policyWith(hashes))
  }
  const routes = new Hono()
  routes.get('/', pageHeaders, etag(), async (c) => await page(c))
  routes.get('/owner', needs('administer'), pageHeaders, etag(), (c) =>
    // A page around it could make an administrator click on what it hides.
    answerIn(c, ownerPage(languages.of(c)), `${policyWith()}; frame-ancestors 'self'`),
  )
  routes.get('/favicon.svg', pageHeaders, etag(), (c) => answer(c, files.get('favicon.svg')!))
  routes.get('/favicon.ico', (c) => c.redirect(`${rootFrom(c.req.url)}favicon.svg`, 301))
  routes.get('/assets/:name{[^?]+}', pageHeaders, etag(), async (c, next) => {
    const name = c.req.param('name')
    const file = name.endsWith('.html') ? undefined : (files.get(name) ?? wordFiles.get(name))
    return file === undefined
      ? await next()
      : await answerCompressed(c, file, { 'content-security-policy': policyWith() })
  })
  const checkCamera = (camera: string): void => {
    if (!config().cameras.some(({ key }) => key === camera)) throw noSuchCamera(camera)
  }
  routes.get(`/${CAMERA_PARAMETER}`, (c) => {
    checkCamera(c.req.param('camera'))
    return c.redirect(`${rootFrom(c.req.url)}${c.req.param('camera')}/${new URL(c.req.url).search}`, 301)
  })
  routes.get(`/${CAMERA_PARAMETER}/`, pageHeaders, etag(), async (c) => {
    const camera = c.req.param('camera')
    checkCamera(camera)
    return await page(c, camera)
  })
  return routes
}

const answer = (c: Context, { body, type, etag }: PageFile, policy = policyWith()): Response =>
  c.body(body, 200, { 'content-type': type, etag, 'content-security-policy': policy })

/** In the language of the browser. */
const answerIn = (c: Context, file: PageFile, policy: string): Response => {
  c.header('vary', LANGUAGE_VARY)
  return answer(c, file, policy)
}

/** The page loads nothing from other origins. Any site may embed it in a frame, so there is no frame-ancestors. */
const policyWith = ({ scripts, styles }: PageFiles['hashes'] = { scripts: [], styles: [] }): string =>
  [
    "default-src 'none'",
    ["script-src 'self'", ...scripts].join(' '),
    ["style-src 'self'", ...styles].join(' '),
    "img-src 'self' data:",
    "media-src 'self' blob: mediastream:",
    "connect-src 'self' ws: wss:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')

const pageHeaders: MiddlewareHandler = async (c, next) => {
  await next()
  // File names carry no content hash, so browsers revalidate their copy on every use.
  c.header('cache-control', 'no-cache')
  c.header('referrer-policy', 'no-referrer')
}
