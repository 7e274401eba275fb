import { Hono, type MiddlewareHandler } from 'hono'
import { AppError } from '../errors.js'
import type { Log } from '../log.js'
import type { AccessControl } from './auth/access-control.js'
import { adminRoutes, type AdminParts } from './routes/admin.js'
import { configRoutes, type ConfigFacts } from './routes/client-config.js'
import { authMiddleware } from './auth/middleware.js'
import { errorsForPeople } from './routes/errors-for-people.js'
import { eventRoutes, type EventParts } from './routes/events.js'
import { healthRoutes, type HealthFacts } from './routes/health.js'
import { metricsRoutes } from './routes/metrics.js'
import type { MetricsFacts } from './routes/metrics-facts.js'
import { openApiRoutes } from './routes/openapi.js'
import { readPageFiles } from './routes/page-files.js'
import type { Languages } from './routes/page-words.js'
import { pagesForPeople } from './routes/pages-for-people.js'
import { pageRoutes } from './routes/pages.js'
import { playerRoutes } from './routes/player.js'
import { signInRoutes } from './routes/sign-in.js'
import { readSignInPage } from './routes/sign-in-page.js'
import { trustRoutes, type Authority } from './routes/trust.js'
import { pathOf } from './path-of.js'
import { declare } from './auth/permission.js'

export interface AppParts {
  config: () => ConfigFacts
  health: () => HealthFacts
  metrics: () => MetricsFacts
  admin: AdminParts
  /** What `/api/events` reports that no other route does. */
  events: Pick<EventParts, 'controls'>
  /** WHEP and the compat protocols. */
  signalling: Hono[]
  /** WHIP: every camera that clients publish to. */
  publishing: Hono
  snapshots: Hono
  /** `/api/cameras/camera1/controls`. */
  controls: Hono
  /** `/api/settings` and what else the owner's page needs. */
  owner: Hono
  access: AccessControl
  /** Sets `body` of the context to that of the form to sign in, within its limit. */
  readSignInBody: MiddlewareHandler
  /** docs/openapi.json; undefined where the installation lacks it. */
  openApi: string | undefined
  version: string
  /** Of our own; undefined if another one signed the certificate, or if there is none. */
  authority: () => Promise<Authority | undefined>
  /** The folder of the page. */
  staticDir: string
  languages: Languages
  log: Log
}

const PROXY_HEADERS = ['x-forwarded-for', 'x-forwarded-prefix', 'x-ingress-path', 'forwarded', 'via']
const PREFIX_HINT =
  '. A reverse proxy that serves this program below a path has to remove the path, or to send it as X-Forwarded-Prefix and be one of server.trusted-proxies'

/**
 * Every route of web-port, and the mapping of errors to responses.
 * @throws Error when the folder of the page is incomplete.
 */
export function buildApp(parts: AppParts): Hono {
  const {
    config,
    health,
    metrics,
    admin,
    events,
    signalling,
    snapshots,
    controls,
    access,
    staticDir,
    languages,
    log,
  } = parts
  const page = readPageFiles(staticDir)
  const app = new Hono({ getPath: pathOf })
  const signInPage = readSignInPage(staticDir, languages)
  app.use('*', errorsForPeople(pagesForPeople(access, signInPage, languages, () => config().cameras)))
  app.use('*', ...authMiddleware(access))
  app.route('/', healthRoutes(health))
  app.route('/', metricsRoutes(metrics))
  app.route('/', configRoutes(config))
  app.route('/', adminRoutes(admin))
  app.route('/', eventRoutes({ config, health, viewers: admin.viewers, ...events }))
  app.route('/', controls)
  app.route('/', parts.owner)
  app.route('/', openApiRoutes(parts.openApi, parts.version, languages))
  app.route('/', trustRoutes(parts.authority, languages))
  app.route('/', signInRoutes(access, signInPage, parts.readSignInBody))
  for (const protocol of signalling) app.route('/', declare('watch', protocol))
  app.route('/', declare('publish', parts.publishing))
  app.route('/', declare('watch', snapshots)) // before the pages, because it handles ?action= at some of their addresses
  app.route('/', playerRoutes(page.files, languages))
  app.route('/', declare('watch', pageRoutes(page, languages, config, parts)))
  app.notFound((c) => {
    const isForwarded = PROXY_HEADERS.some((name) => c.req.header(name) !== undefined)
    const message = `no such address: ${c.req.path}${isForwarded ? PREFIX_HINT : ''}`
    return c.json({ error: 'not-found', message }, 404)
  })
  app.onError((error, c) => {
    if (error instanceof AppError) {
      if (error.retryAfterS !== undefined) c.header('retry-after', String(error.retryAfterS))
      return c.json({ error: error.code, message: error.message }, error.status)
    }
    // The client disconnected while it sent the body.
    if ((error as NodeJS.ErrnoException).code === 'ECONNRESET')
      return c.json({ error: 'aborted', message: 'the connection was closed during the request' }, 400)
    log.error('a request failed', { path: c.req.path, error: error.stack })
    return c.json({ error: 'internal', message: 'something went wrong on the server' }, 500)
  })
  return app
}
