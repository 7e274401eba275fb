import { Hono } from 'hono'
import { AppError } from '../errors.js'
import type { Log } from '../log.js'
import type { AccessControl } from './auth/access-control.js'
import { adminRoutes, type AdminParts } from './routes/admin.js'
import { configRoutes, type ConfigFacts } from './routes/client-config.js'
import { authMiddleware } from './auth/middleware.js'
import { healthRoutes, type HealthFacts } from './routes/health.js'
import { metricsRoutes } from './routes/metrics.js'
import type { MetricsFacts } from './routes/metrics-facts.js'
import { pageRoutes } from './routes/pages.js'
import { pathOf } from './path-of.js'
import { declare } from './auth/permission.js'

export interface AppParts {
  config: () => ConfigFacts
  health: () => HealthFacts
  metrics: () => MetricsFacts
  admin: AdminParts
  /** Every way to ask for a camera over HTTP. */
  signalling: Hono[]
  snapshots: Hono
  access: AccessControl
  /** The folder with the page's files. */
  staticDir: string
  log: Log
}

/** Every route of web-port, and the one place where an error becomes an answer. */
export function buildApp(parts: AppParts): Hono {
  const {
    config,
    health,
    metrics,
    admin: administered,
    signalling: dialects,
    snapshots: pictures,
    access,
    staticDir,
    log,
  } = parts
  const app = new Hono({ getPath: pathOf })
  app.use('*', ...authMiddleware(access)) // before every route there is and will be
  app.route('/', healthRoutes(health))
  app.route('/', metricsRoutes(metrics))
  app.route('/', configRoutes(config))
  app.route('/', adminRoutes(administered))
  for (const dialect of dialects) app.route('/', declare('watch', dialect))
  app.route('/', declare('watch', pictures)) // before the pages: it takes some of their addresses, by ?action=
  app.route('/', declare('watch', pageRoutes(staticDir, config)))
  app.notFound((c) => c.json({ error: 'not-found', message: `there is nothing at ${c.req.path}` }, 404))
  app.onError((error, c) => {
    if (error instanceof AppError) {
      if (error.retryAfterS !== undefined) c.header('retry-after', String(error.retryAfterS))
      return c.json({ error: error.code, message: error.message }, error.status)
    }
    // Who hangs up in the middle of a body hears nothing any more, and is no news.
    if ((error as NodeJS.ErrnoException).code === 'ECONNRESET')
      return c.json({ error: 'aborted', message: 'the connection was closed within the request' }, 400)
    log.error('a request failed', { path: c.req.path, error: error.stack })
    return c.json({ error: 'internal', message: 'something went wrong on the server' }, 500)
  })
  return app
}
