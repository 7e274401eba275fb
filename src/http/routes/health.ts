import { Hono } from 'hono'
import { needs } from '../auth/permission.js'
import type { CameraFacts } from './camera-facts.js'

export interface CameraHealth extends CameraFacts {
  cause?: string
  message?: string
  hint?: string
  codec: string
}

export interface HealthFacts {
  version: string
  uptimeS: number
  cameras: Record<string, CameraHealth>
}

/** `GET /health`: 200 if every camera is live or idle, otherwise 503. Unauthenticated clients only see `status`. */
export function healthRoutes(facts: () => HealthFacts): Hono {
  const routes = new Hono()
  routes.get('/health', needs('public'), (c) => {
    const { version, uptimeS, cameras } = facts()
    const ok = Object.values(cameras).every(({ state }) => state === 'live' || state === 'idle')
    const status = ok ? 'ok' : 'degraded'
    const details = { version, uptime_s: uptimeS, cameras: mapValues(cameras, healthJson) }
    const answer = c.get('role') === undefined ? { status } : { status, ...details }
    return c.json(answer, ok ? 200 : 503, { 'cache-control': 'no-store' })
  })
  return routes
}

export const healthJson = ({ restartsByCause, ...health }: CameraHealth): object => ({
  ...health,
  restarts_by_cause: restartsByCause,
})

const mapValues = <T, U>(record: Record<string, T>, map: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))
