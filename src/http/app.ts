import { Hono } from 'hono'
import { AppError } from '../errors.js'
import type { Log } from '../log.js'
import { configRoutes, type ConfigFacts } from './config.js'
import { healthRoutes, type HealthFacts } from './health.js'
import { metricsRoutes, type MetricsFacts } from './metrics.js'
import { pageRoutes } from './pages.js'

export interface AppParts {
  config: () => ConfigFacts
  health: () => HealthFacts
  metrics: () => MetricsFacts
  whep: Hono
  /** The folder with the page's files. */
  staticDir: string
  log: Log
}

/** Every route of web-port, and the one place where an error becomes an answer. */
export function buildApp({ config, health, metrics, whep, staticDir, log }: AppParts): Hono {
  const app = new Hono()
  app.route('/', healthRoutes(health))
  app.route('/', metricsRoutes(metrics))
  app.route('/', configRoutes(config))
  app.route('/', whep)
  app.route(
    '/',
    pageRoutes(staticDir, () => config().cameras.map(({ key }) => key)),
  )
  app.notFound((c) => c.json({ error: 'not-found', message: `there is nothing at ${c.req.path}` }, 404))
  app.onError((error, c) => {
    if (error instanceof AppError) return c.json({ error: error.code, message: error.message }, error.status)
    log.error('a request failed', { path: c.req.path, error: error.stack })
    return c.json({ error: 'internal', message: 'something went wrong on the server' }, 500)
  })
  return app
}
