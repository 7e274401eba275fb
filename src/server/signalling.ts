import type { Hono } from 'hono'
import type { Config } from '../config/types.js'
import type { Log } from '../log.js'
import { cameraStreamerRoutes } from '../signalling/compat/camera-streamer.js'
import { go2rtcRoutes } from '../signalling/compat/go2rtc.js'
import { serveGo2rtc } from '../signalling/compat/go2rtc-websocket.js'
import type { SignallingLimits } from '../signalling/http-common.js'
import { iceServersFor, type IceServer } from '../signalling/ice-servers.js'
import { serveSignalling, type SignallingSocket } from '../signalling/websocket.js'
import { whepRoutes } from '../signalling/whep.js'
import { whipRoutes } from '../signalling/whip.js'
import type { Publishers } from '../publisher/publishers.js'
import type { ViewerRegistry } from '../viewer/registry.js'
import { signallingCameraOf } from './camera-views.js'
import type { Cameras } from './cameras.js'

type ServeSocket = (socket: SignallingSocket) => void

export interface Signalling {
  /** Every protocol over HTTP. */
  readonly routes: Hono[]
  /** WHIP. */
  readonly publishing: Hono
  /** For one client, with fresh credentials. */
  readonly iceServers: () => IceServer[]
  /** The protocol of a WebSocket on web-port; undefined for paths that have none. @param parameter of the query. */
  socketFor: (path: string, parameter: (name: string) => string | undefined) => ServeSocket | undefined
  /** The protocol of a camera's own port. */
  cameraSocket: (key: string) => ServeSocket | undefined
}

/** Connects every signalling protocol to the viewers. */
export function createSignalling(
  config: Config,
  cameras: Cameras,
  { viewers, publishers }: { viewers: ViewerRegistry; publishers: Publishers },
  limits: SignallingLimits,
  log: Log,
): Signalling {
  const iceServers = (): IceServer[] => iceServersFor(config.webrtc, Date.now() / 1000)
  const firstCamera = (): string => config.cameras[0]!.key
  const cameraSocket = (key: string): ServeSocket | undefined => {
    const part = cameras.get(key)
    return part && ((socket) => serveSignalling(socket, signallingCameraOf(part), viewers, log, iceServers()))
  }
  return {
    iceServers,
    routes: [
      whepRoutes(viewers, iceServers, limits),
      cameraStreamerRoutes(viewers, firstCamera, iceServers, limits),
      go2rtcRoutes(viewers, iceServers, limits),
    ],
    publishing: whipRoutes(publishers, iceServers, limits),
    socketFor: (path, parameter) =>
      path === '/api/ws'
        ? (socket) => serveGo2rtc(socket, parameter('src') ?? '', viewers, log)
        : cameraSocket(/^\/([^/]+)\/ws$/.exec(path)?.[1] ?? ''),
    cameraSocket,
  }
}
