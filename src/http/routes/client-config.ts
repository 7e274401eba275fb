import { Hono } from 'hono'
import type { Role } from '../auth/access-control.js'
import { rootFrom } from '../../lib/relative-path.js'
import { needs } from '../auth/permission.js'
import type { CameraSettings } from './camera-facts.js'
import type { ConfigAnswer } from './client-config-answer.js'

export interface ConfigFacts {
  version: string
  /** Undefined without a name. */
  siteName?: string | undefined
  piIp: string
  maxClients: number
  iceServers: ConfigAnswer['ice_servers']
  cameras: (CameraSettings & {
    keyframeInterval: number
    /** Whether a snapshot is available now. */
    hasSnapshot: boolean
    hasAudio: boolean
  })[]
}

/** `GET /api/config`: what a client needs to know to watch. */
export function configRoutes(facts: () => ConfigFacts): Hono {
  const routes = new Hono()
  routes.get('/api/config', needs('watch'), (c) =>
    c.json(clientConfig(facts(), c.get('role'), rootFrom(c.req.url)), 200, { 'cache-control': 'no-store' }),
  )
  return routes
}

/**
 * Clients of older implementations read the top level, which describes the first camera.
 * @param root of this server, relative to the address that has the answer.
 */
export function clientConfig(
  { version, siteName, piIp, maxClients, iceServers, cameras }: ConfigFacts,
  role: Role | undefined,
  root: string,
): ConfigAnswer {
  const first = cameras[0]
  return {
    version,
    codec: first?.codec,
    bitrate: first?.bitrate,
    keyframe_interval: first?.keyframeInterval,
    ...Object.fromEntries(cameras.map((camera) => [`${camera.key}_port`, camera.webrtcPort])),
    site_name: siteName ?? null,
    pi_ip: piIp,
    max_clients: maxClients,
    may_administer: role === 'admin',
    ice_servers: iceServers,
    cameras: cameras.map((camera) => ({
      key: camera.key,
      name: camera.name,
      codec: camera.codec,
      bitrate: camera.bitrate,
      keyframe_interval: camera.keyframeInterval,
      width: camera.width,
      height: camera.height,
      fps: camera.fps.max,
      fps_min: camera.fps.min,
      webrtc_port: camera.webrtcPort,
      ws: `${root}${camera.key}/ws`,
      whep: `${root}${camera.key}/whep`,
      snapshot: camera.hasSnapshot ? `${root}${camera.key}/snapshot.jpg` : null,
      audio: camera.hasAudio,
    })),
  }
}
