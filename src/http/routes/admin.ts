import { Hono } from 'hono'
import { AppError, noSuchCamera, noSuchViewer } from '../../errors.js'
import type { CameraHealth } from './health.js'
import { needs } from '../auth/permission.js'

/** All this file needs of a camera. */
export interface AdminCamera {
  readonly config: {
    key: string
    name: string
    codec: string
    width: number
    height: number
    fps: number
    bitrate: number
    webrtcPort: number
  }
  /** How it is. */
  readonly health: CameraHealth
  /** @returns false where there is nothing to start again. */
  restart(): boolean
}

/** All this file needs of a viewer; what is not known is undefined. */
export interface AdminViewer {
  number: number
  camera: string
  via: string
  address: string | undefined
  forS: number
  stats:
    | {
        packets: number
        octets: number
        nacked: number
        retransmitted: number
        pli: number
        fir: number
        framesLeftOut: number
        congested: boolean
        estimateBps: number | undefined
        fractionLost: number | undefined
        roundTripMs: number | undefined
      }
    | undefined
}

export interface AdminParts {
  /** In their order. */
  cameras: () => AdminCamera[]
  maxClients: () => number
  viewers: {
    list(): AdminViewer[]
    /** @throws AppError `no-such-viewer`. */
    remove(number: number): void
  }
}

const NO_STORE = { 'cache-control': 'no-store' }

/**
 * For scripts and dashboards: `GET /api/cameras`, `GET /api/cameras/NAME`, `POST /api/cameras/NAME/restart`,
 * `GET /api/viewers`, `DELETE /api/viewers/ID`.
 */
export function adminRoutes({ cameras, maxClients, viewers }: AdminParts): Hono {
  const routes = new Hono()
  const cameraNamed = (key: string): AdminCamera => {
    const found = cameras().find(({ config }) => config.key === key)
    if (found === undefined) throw noSuchCamera(key)
    return found
  }
  const describe = (camera: AdminCamera): object => describeCamera(camera, maxClients())

  routes.get('/api/cameras', needs('watch'), (c) =>
    c.json({ cameras: cameras().map(describe) }, 200, NO_STORE),
  )
  routes.get('/api/cameras/:camera', needs('watch'), (c) =>
    c.json(describe(cameraNamed(c.req.param('camera'))), 200, NO_STORE),
  )
  routes.post('/api/cameras/:camera/restart', needs('administer'), (c) => {
    const camera = cameraNamed(c.req.param('camera'))
    if (!camera.restart()) throw nothingToRestart(camera.config.key)
    return c.json({ camera: camera.config.key }, 202, NO_STORE)
  })
  // Who watches, from which address, is nothing for other viewers.
  routes.get('/api/viewers', needs('administer'), (c) =>
    c.json({ viewers: viewers.list().map((viewer) => describeViewer(viewer)) }, 200, NO_STORE),
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
    `${camera} has no capture process now: nobody watches it, or another program sends its packets`,
  )

const describeCamera = ({ config, health }: AdminCamera, maxClients: number): object => ({
  key: config.key,
  name: config.name,
  ...health,
  width: config.width,
  height: config.height,
  fps: config.fps,
  bitrate: config.bitrate,
  max_clients: maxClients,
  webrtc_port: config.webrtcPort,
  page: `/${config.key}/`,
  ws: `/${config.key}/ws`,
  whep: `/${config.key}/whep`,
})

/** Names as in /metrics; what is not known is left out. */
const describeViewer = ({ number, camera, via, address, forS, stats: figures }: AdminViewer): object => ({
  id: number,
  camera,
  via,
  address,
  for_seconds: forS,
  connected: figures !== undefined,
  ...(figures && {
    congested: figures.congested,
    estimate_bits_per_second: figures.estimateBps,
    round_trip_seconds: figures.roundTripMs === undefined ? undefined : figures.roundTripMs / 1000,
    fraction_lost: figures.fractionLost,
    sent_packets: figures.packets,
    sent_bytes: figures.octets,
    nacked_packets: figures.nacked,
    retransmitted_packets: figures.retransmitted,
    keyframe_requests: figures.pli + figures.fir,
    frames_left_out: figures.framesLeftOut,
  }),
})
