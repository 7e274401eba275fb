import { Hono } from 'hono'
import { mapValues } from '../../lib/map-values.js'
import { needs } from '../auth/permission.js'
import type { AudioFacts, CameraFacts, FieldOfViewFacts } from './camera-facts.js'
import { isMissing, pushJson, type PushFacts } from './push-facts.js'

export interface CameraHealth extends CameraFacts {
  cause?: string
  message?: string
  hint?: string
  /** What is wrong with the video of a live camera, and which of its settings it does not have. */
  warnings?: readonly { cause: string; message: string; hint: string }[]
  codec: string
  /** libcamera's name of the camera, if the configuration has another one. */
  deviceInUse?: string
  /** Only of camera modules. */
  fieldOfView?: FieldOfViewFacts | undefined
  /** Sentences: the settings that the camera plays without, because a driver refuses them. */
  fallbacks?: readonly string[]
  /** Where the camera is sent to. */
  pushes?: readonly PushFacts[]
  /** Only of a camera with sound. What is wrong with it is among the warnings. */
  audio?: AudioFacts | undefined
}

export interface HealthFacts {
  version: string
  uptimeS: number
  /** Sessions that did not connect since the start, by cause. */
  connectFailures: Readonly<Record<string, number>>
  cameras: Record<string, CameraHealth>
}

/** `GET /health`: 200 if every camera is live or idle, and no required push is missing, otherwise 503. Unauthenticated clients only see `status`. */
export function healthRoutes(facts: () => HealthFacts): Hono {
  const routes = new Hono()
  routes.get('/health', needs('public'), (c) => {
    const { version, uptimeS, connectFailures, cameras } = facts()
    const ok = Object.values(cameras).every(
      ({ state, pushes = [] }) => (state === 'live' || state === 'idle') && !pushes.some(isMissing),
    )
    const status = ok ? 'ok' : 'degraded'
    const failures = Object.entries(connectFailures).filter(([, count]) => count > 0)
    const details = {
      version,
      uptime_s: uptimeS,
      connect_failures: Object.fromEntries(failures),
      cameras: mapValues(cameras, healthJson),
    }
    const answer = c.get('role') === undefined ? { status } : { status, ...details }
    return c.json(answer, ok ? 200 : 503, { 'cache-control': 'no-store' })
  })
  return routes
}

/** JSON omits unknown values. */
export const healthJson = ({
  restartsByCause,
  deviceInUse,
  fieldOfView,
  fallbacks = [],
  warnings = [],
  pushes = [],
  ...health
}: CameraHealth): object => ({
  ...health,
  device_in_use: deviceInUse,
  ...(warnings.length === 0 ? {} : { warnings }),
  restarts_by_cause: restartsByCause,
  field_of_view: fieldOfView && {
    step: fieldOfView.step,
    mode: fieldOfView.mode,
    width_percent: fieldOfView.widthPercent,
    height_percent: fieldOfView.heightPercent,
  },
  ...(fallbacks.length === 0 ? {} : { fallbacks }),
  ...(pushes.length === 0 ? {} : { pushes: pushes.map(pushJson) }),
})
