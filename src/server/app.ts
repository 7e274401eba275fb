import type { Hono } from 'hono'
import type { Config } from '../config/types.js'
import { buildApp } from '../http/app.js'
import type { AccessControl } from '../http/auth/access-control.js'
import type { Implementations } from '../http/routes/metrics-facts.js'
import { snapshotRoutes } from '../http/routes/snapshots.js'
import type { Log } from '../log.js'
import type { ViewerRegistry } from '../viewer/registry.js'
import type { ServerAddresses } from './addresses.js'
import { adminCameraOf, clientConfigOf, healthOf, metricsOf } from './camera-views.js'
import type { Cameras } from './cameras.js'
import type { ServerEnvironment } from './environment.js'
import type { Signalling } from './signalling.js'

export interface ServerAppParts {
  config: Config
  environment: ServerEnvironment
  addresses: ServerAddresses
  cameras: Cameras
  viewers: ViewerRegistry
  signalling: Pick<Signalling, 'routes' | 'iceServers'>
  access: AccessControl
  implementations: () => Implementations
  /** Bytes of incomplete messages and bodies. */
  unfinishedBytes: () => number
  log: Log
}

/** The HTTP app of web-port: what each route reports of the running parts. */
export function buildServerApp(parts: ServerAppParts): Hono {
  const { config, environment, addresses, cameras, viewers, signalling, access, log } = parts
  const { version, staticDir } = environment
  const startedMs = performance.now()
  const uptimeS = (): number => Math.round((performance.now() - startedMs) / 1000)
  const maxClients = (): number => config.webrtc.maxClients
  return buildApp({
    config: () => ({
      maxClients: maxClients(),
      iceServers: signalling.iceServers(),
      version,
      piIp: addresses.page(),
      cameras: cameras.inOrder().map(clientConfigOf),
    }),
    health: () => ({
      version,
      uptimeS: uptimeS(),
      cameras: cameras.mapByKey((part, key) => healthOf(part, viewers.count(key))),
    }),
    metrics: () => {
      const statsByCamera = viewers.snapshot()
      return {
        version,
        uptimeS: uptimeS(),
        process: environment.processMetrics?.(),
        implementations: parts.implementations(),
        unfinishedBytes: parts.unfinishedBytes(),
        cameras: cameras.mapByKey((part, key) => metricsOf(part, viewers.count(key), statsByCamera[key]!)),
      }
    },
    admin: {
      cameras: () => cameras.inOrder().map((part) => adminCameraOf(part, viewers.count(part.config.key))),
      maxClients,
      viewers: viewers.list,
    },
    signalling: signalling.routes,
    snapshots: snapshotRoutes(() => cameras.inOrder().map(({ snapshots }) => snapshots), maxClients),
    access,
    staticDir,
    log,
  })
}
