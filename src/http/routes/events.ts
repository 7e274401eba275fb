import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { AppError } from '../../errors.js'
import { clientAddress } from '../../lib/client-address.js'
import { mapValues } from '../../lib/map-values.js'
import { createNetworkCount } from '../../lib/network-count.js'
import type { Role } from '../auth/access-control.js'
import { needs, type Permission } from '../auth/permission.js'
import type { AdminViewer } from './admin.js'
import { clientConfig, type ConfigFacts } from './client-config.js'
import { EventFeed } from './event-feed.js'
import { EVENT_STREAM_TYPE, eventStream } from './event-stream.js'
import { healthJson, type HealthFacts } from './health.js'

export interface EventParts {
  config: () => ConfigFacts
  health: () => Pick<HealthFacts, 'cameras'>
  /** The controls of each camera, by its key. */
  controls: () => Record<string, { inForce: object; isUnsaved: boolean }>
  viewers: { list(): Pick<AdminViewer, 'number' | 'camera' | 'via' | 'address' | 'transport' | 'stats'>[] }
}

/** Of clients that follow the events: one for each visible page. */
const MAX_FOLLOWERS = { all: 256, perNetwork: 64 }
const RETRY_AFTER_S = 30
/** From `/api/events`. */
const ROOT = '../'

/** `GET /api/events`: server-sent events, for pages and dashboards that follow the server. */
export function eventRoutes(parts: EventParts): Hono {
  const routes = new Hono()
  const feed = new EventFeed([
    { name: 'config', needs: 'watch', read: () => configOf(parts.config()) },
    { name: 'cameras', needs: 'watch', read: () => mapValues(parts.health().cameras, stateOf) },
    { name: 'controls', needs: 'administer', read: () => mapValues(parts.controls(), controlsOf) },
    { name: 'viewers', needs: 'administer', read: () => ({ viewers: parts.viewers.list().map(viewerOf) }) },
  ])
  const followers = createNetworkCount(() => MAX_FOLLOWERS)

  routes.get('/api/events', needs('watch'), (c) => {
    const headers = {
      'content-type': EVENT_STREAM_TYPE,
      'cache-control': 'no-store',
      'x-accel-buffering': 'no', // nginx would hold events back
    }
    if (c.req.method === 'HEAD') return c.body(null, 200, headers)
    const slot = followers.open(clientAddress(c.env))
    if (typeof slot === 'string') throw tooManyFollowers()
    const { outgoing } = (c.env ?? {}) as Partial<HttpBindings>
    outgoing?.socket?.setTimeout(0) // the body detects clients that do not read
    const body = eventStream(feed, {
      permits: permitsFor(c.get('role')),
      onEnd: (reason) => {
        slot[Symbol.dispose]()
        if (reason === 'stalled') outgoing?.destroy()
      },
    })
    return c.body(body, 200, headers)
  })
  return routes
}

const permitsFor =
  (role: Role | undefined) =>
  (needed: Permission): boolean =>
    needed !== 'administer' || role === 'admin'

/** Without what differs between clients, and without TURN credentials, which are new in every answer of /api/config. */
function configOf(facts: ConfigFacts): object {
  const { may_administer: _role, ice_servers: _credentials, ...config } = clientConfig(facts, undefined, ROOT)
  return config
}

/** Without what counts up all the time. */
function stateOf(health: HealthFacts['cameras'][string]): object {
  const json = healthJson(health) as Record<string, unknown>
  return Object.fromEntries(Object.entries(json).filter(([name]) => !COUNTERS.includes(name)))
}
const COUNTERS = ['packets', 'keyframes', 'viewers']

const controlsOf = ({ inForce, isUnsaved }: { inForce: object; isUnsaved: boolean }): object => ({
  controls: inForce,
  unsaved: isUnsaved,
})

/** Names as in /api/viewers. */
const viewerOf = (viewer: ReturnType<EventParts['viewers']['list']>[number]): object => ({
  id: viewer.number,
  camera: viewer.camera,
  via: viewer.via,
  address: viewer.address,
  transport: viewer.transport,
  connected: viewer.stats !== undefined,
})

const tooManyFollowers = (): AppError =>
  new AppError(
    'too-many-followers',
    503,
    `/api/events has its maximum of ${MAX_FOLLOWERS.all} clients, or ${MAX_FOLLOWERS.perNetwork} from your network; close some pages`,
    RETRY_AFTER_S,
  )
