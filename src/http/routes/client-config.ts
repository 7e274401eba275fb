import { Hono } from 'hono'
import type { Codec } from '../../config/types.js'
import type { ConfigAnswer } from './client-config-answer.js'
import { needs } from '../auth/permission.js'

/** What a client has to know to watch. */
export interface ConfigFacts {
  version: string
  piIp: string
  maxClients: number
  stunServer: string | undefined
  /** Of the `[video]` table's making: the first camera's, for clients that know only one. */
  cameras: {
    key: string
    name: string
    codec: Codec
    bitrate: number
    keyframeInterval: number
    width: number
    height: number
    fps: number
    webrtcPort: number
    /** Whether a picture can be had at this moment. */
    hasSnapshot: boolean
  }[]
}

/** `GET /api/config`: the fields of the older implementations at the top level, and everything per camera below. */
export function configRoutes(facts: () => ConfigFacts): Hono {
  const routes = new Hono()
  routes.get('/api/config', needs('watch'), (c) =>
    c.json(clientConfig(facts()), 200, { 'cache-control': 'no-store' }),
  )
  return routes
}

/** What `/api/config` answers, and the bootstrap data of our own page. */
export function clientConfig({ version, piIp, maxClients, stunServer, cameras }: ConfigFacts): ConfigAnswer {
  const first = cameras[0]
  return {
    version,
    codec: first?.codec,
    bitrate: first?.bitrate,
    keyframe_interval: first?.keyframeInterval,
    ...Object.fromEntries(cameras.map((camera) => [`${camera.key}_port`, camera.webrtcPort])),
    pi_ip: piIp,
    max_clients: maxClients,
    ice_servers: stunServer === undefined ? [] : [{ urls: stunServer }],
    cameras: cameras.map((camera) => ({
      key: camera.key,
      name: camera.name,
      codec: camera.codec,
      bitrate: camera.bitrate,
      keyframe_interval: camera.keyframeInterval,
      width: camera.width,
      height: camera.height,
      fps: camera.fps,
      webrtc_port: camera.webrtcPort,
      ws: `/${camera.key}/ws`,
      whep: `/${camera.key}/whep`,
      snapshot: camera.hasSnapshot ? `/${camera.key}/snapshot.jpg` : null,
    })),
  }
}
