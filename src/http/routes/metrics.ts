import { Hono } from 'hono'
import { needs } from '../auth/permission.js'
import { metricFamilies } from './metric-families.js'
import type { MetricsFacts } from './metrics-facts.js'
import { formatMetrics, PROMETHEUS_TYPE } from './prometheus-text.js'

/** `GET /metrics` for Prometheus. */
export function metricsRoutes(facts: () => MetricsFacts): Hono {
  const routes = new Hono()
  routes.get('/metrics', needs('watch'), (c) =>
    c.body(writeMetrics(facts()), 200, { 'content-type': PROMETHEUS_TYPE, 'cache-control': 'no-store' }),
  )
  return routes
}

export const writeMetrics = (facts: MetricsFacts): string => formatMetrics(metricFamilies(facts))
