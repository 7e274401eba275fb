import { Hono } from 'hono'
import { AppError, noSuchCamera, noSuchViewer } from '../../errors.js'
import { rootFrom } from '../../lib/relative-path.js'
import { needs } from '../auth/permission.js'
import type { CameraSettings } from './camera-facts.js'
import { healthJson, type CameraHealth } from './health.js'
import { publisherRoutes, type AdminPublishers } from './publishers.js'

/** All this file needs of a camera. */
export interface AdminCamera {
  readonly config: CameraSettings
  readonly health: CameraHealth
  /** Where players of RTSP find it; undefined while RTSP is off. */
  readonly rtspUrl: string | undefined
  /** @returns false without a capture process. */
  restart(): boolean
}

/** All this file needs of a viewer. Unknown values are undefined. */
export interface AdminViewer {
  number: number
  camera: string
  via: string
  address: string | undefined
  transport: 'udp' | 'tcp' | 'http' | undefined
  forS: number
  stats:
    | {
        packets: number
        octets: number
        nacked: number
        retransmitted: number
        pli: number
        fir: number
        framesDropped: number
        congested: boolean
        availableBitrateBps: number | undefined
        size?: 'high' | 'low' | undefined
        fractionLost: number | undefined
        roundTripMs: number | undefined
      }
    | undefined
}

/** A session that did not connect. */
export interface AdminFailure {
  camera: string
  via: string
  client: string
  /** Of performance.now(). */
  atMs: number
  failure: { cause: string; message: string; hint: string; parameters: object }
}

export interface AdminParts {
  /** In the order of the configuration. */
  cameras: () => AdminCamera[]
  maxClients: () => number
  viewers: {
    list(): AdminViewer[]
    /** @throws AppError `no-such-viewer`. */
    remove(number: number): void
  }
  publishers: AdminPublishers
  /** The latest first. */
  failures: { readonly recent: readonly AdminFailure[] }
}

const NO_STORE = { 'cache-control': 'no-store' }

/** `/api/cameras`, `/api/viewers` and `/api/publishers`, for scripts and dashboards. */
export function adminRoutes({ cameras, maxClients, viewers, publishers, failures }: AdminParts): Hono {
  const routes = new Hono()
  routes.route('/', publisherRoutes(publishers))
  const cameraNamed = (key: string): AdminCamera => {
    const found = cameras().find(({ config }) => config.key === key)
    if (found === undefined) throw noSuchCamera(key)
    return found
  }
  const describe = (camera: AdminCamera, url: string): object =>
    describeCamera(camera, maxClients(), rootFrom(url))

  routes.get('/api/cameras', needs('watch'), (c) =>
    c.json({ cameras: cameras().map((camera) => describe(camera, c.req.url)) }, 200, NO_STORE),
  )
  routes.get('/api/cameras/:camera', needs('watch'), (c) =>
    c.json(describe(cameraNamed(c.req.param('camera')), c.req.url), 200, NO_STORE),
  )
  routes.post('/api/cameras/:camera/restart', needs('administer'), (c) => {
    const camera = cameraNamed(c.req.param('camera'))
    if (!camera.restart()) throw nothingToRestart(camera.config.key)
    return c.json({ camera: camera.config.key }, 202, NO_STORE)
  })
  // Viewers must not see the addresses of other viewers.
  routes.get('/api/viewers', needs('administer'), (c) =>
    c.json(
      {
        viewers: viewers.list().map((viewer) => describeViewer(viewer)),
        could_not_connect: failures.recent.map(describeFailure),
      },
      200,
      NO_STORE,
    ),
  )
  routes.delete('/api/viewers/:id', needs('administer'), (c) => {
    const id = c.req.param('id')
    if (!/^\d{1,15}$/.test(id)) throw noSuchViewer()
    viewers.remove(Number(id))
    return c.body(null, 204)
  })
  return routes
}

const nothingToRestart = (camera: string): AppError =>
  new AppError(
    'nothing-to-restart',
    409,
    `${camera} has no capture process now: it has no viewers, or another program sends its packets`,
  )

/** @param root of this server, relative to the address that has the answer. */
const describeCamera = (
  { config, health, rtspUrl }: AdminCamera,
  maxClients: number,
  root: string,
): object => ({
  key: config.key,
  name: config.name,
  ...healthJson(health),
  width: config.width,
  height: config.height,
  fps: config.fps.max,
  bitrate: config.bitrate,
  max_clients: maxClients,
  webrtc_port: config.webrtcPort,
  page: `${root}${config.key}/`,
  ws: `${root}${config.key}/ws`,
  whep: `${root}${config.key}/whep`,
  rtsp_url: rtspUrl,
})

const describeFailure = ({ camera, via, client, atMs, failure }: AdminFailure): object => ({
  camera,
  via,
  address: client,
  seconds_ago: Math.round((performance.now() - atMs) / 1000),
  cause: failure.cause,
  message: failure.message,
  hint: failure.hint,
  parameters: failure.parameters,
})

/** Names as in /metrics. JSON omits unknown values. */
const describeViewer = ({ number, camera, via, address, transport, forS, stats }: AdminViewer): object => ({
  id: number,
  camera,
  via,
  address,
  transport,
  for_seconds: forS,
  connected: stats !== undefined,
  ...(stats && {
    congested: stats.congested,
    size: stats.size,
    available_bitrate_bps: stats.availableBitrateBps,
    round_trip_seconds: stats.roundTripMs === undefined ? undefined : stats.roundTripMs / 1000,
    fraction_lost: stats.fractionLost,
    sent_packets: stats.packets,
    sent_bytes: stats.octets,
    nacked_packets: stats.nacked,
    retransmitted_packets: stats.retransmitted,
    keyframe_requests: stats.pli + stats.fir,
    frames_dropped: stats.framesDropped,
    // Deprecated names, for one release.
    estimate_bits_per_second: stats.availableBitrateBps,
    frames_left_out: stats.framesDropped,
  }),
})
