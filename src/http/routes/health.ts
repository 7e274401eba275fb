import { Hono } from 'hono'
import { needs } from '../auth/permission.js'

export interface CameraHealth {
  state: 'starting' | 'live' | 'lost' | 'idle'
  cause?: string
  message?: string
  hint?: string
  restarts: number
  restarts_by_cause: Readonly<Record<string, number>>
  viewers: number
  codec: string
  /** RTP packets and keyframes that came from the camera since the program started. */
  packets: number
  keyframes: number
}

export interface HealthFacts {
  version: string
  uptimeS: number
  cameras: Record<string, CameraHealth>
}

/**
 * `GET /health`: 200 while every camera delivers, or would if somebody watched; 503 with each one's cause and hint otherwise.
 * Without credentials, where there are some, the answer has the status alone: a monitor needs no more.
 */
export function healthRoutes(facts: () => HealthFacts): Hono {
  const routes = new Hono()
  routes.get('/health', needs('public'), (c) => {
    const { version, uptimeS, cameras } = facts()
    const ok = Object.values(cameras).every(({ state }) => state === 'live' || state === 'idle')
    const status = ok ? 'ok' : 'degraded'
    const told = c.get('role') === undefined ? { status } : { status, version, uptime_s: uptimeS, cameras }
    return c.json(told, ok ? 200 : 503, { 'cache-control': 'no-store' })
  })
  return routes
}
