import type { Hono } from 'hono'
import type { Config, Controls } from '../config/types.js'
import { buildApp } from '../http/app.js'
import type { AccessControl } from '../http/auth/access-control.js'
import type { Implementations, StunCounts } from '../http/routes/metrics-facts.js'
import { controlRoutes, MAX_CONTROLS_BODY_BYTES } from '../http/routes/controls.js'
import { MAX_SIGN_IN_BODY_BYTES } from '../http/routes/sign-in.js'
import type { PublicationFacts } from '../http/routes/publisher-facts.js'
import { MAX_OWNER_BODY_BYTES, ownerRoutes } from '../http/routes/owner.js'
import { snapshotRoutes } from '../http/routes/snapshots.js'
import type { Authority } from '../http/routes/trust.js'
import type { Languages } from '../http/routes/page-words.js'
import { WorkQueue } from '../lib/work-queue.js'
import type { Log } from '../log.js'
import type { Publishers } from '../publisher/publishers.js'
import type { Pushes } from '../push/pushes.js'
import type { ViewerRegistry } from '../viewer/registry.js'
import type { ServerAddresses } from './addresses.js'
import { adminCameraOf, clientConfigOf, healthOf, metricsOf } from './camera-views.js'
import type { CameraPart } from './camera-part.js'
import type { Cameras } from './cameras.js'
import type { ServerEnvironment } from './environment.js'
import type { Signalling } from './signalling.js'
import { controlledCameraOf } from './controlled-camera.js'
import { createOwner } from './owner.js'
import { rtspUrl } from './rtsp.js'
import { boundedBody, type SignallingLimits } from '../signalling/http-common.js'

export interface ServerAppParts {
  config: Config
  environment: ServerEnvironment
  addresses: ServerAddresses
  cameras: Cameras
  viewers: ViewerRegistry
  pushes: Pick<Pushes, 'views'>
  publishers: Pick<Publishers, 'views' | 'counts' | 'remove'>
  signalling: Pick<Signalling, 'routes' | 'publishing' | 'iceServers'>
  access: AccessControl
  /** That signed the certificate in force, if it is of our own. */
  authority: () => Promise<Authority | undefined>
  implementations: () => Implementations
  stun: () => StunCounts
  /** Of request bodies. */
  limits: SignallingLimits
  /** Puts the controls of a camera, which were saved, into the configuration in force. */
  onControlsSaved: (part: CameraPart, saved: Controls) => void
  /** Bytes of incomplete messages and bodies. */
  unfinishedBytes: () => number
  languages: Languages
  log: Log
}

/** The HTTP app of web-port: what each route reports of the running parts. */
export function buildServerApp(parts: ServerAppParts): Hono {
  const { config, environment, addresses, cameras, viewers, pushes, publishers, signalling, access, log } =
    parts
  const publicationOf = ({ stream }: CameraPart, key: string): PublicationFacts | undefined =>
    stream.published && {
      publisher: publishers.views().find(({ camera }) => camera === key),
      counts: publishers.counts(key),
    }
  const { version, staticDir } = environment
  const saves = environment.fileWork ?? new WorkQueue()
  const startedMs = performance.now()
  const uptimeS = (): number => Math.round((performance.now() - startedMs) / 1000)
  const maxClients = (): number => config.webrtc.maxClients
  return buildApp({
    config: () => ({
      maxClients: maxClients(),
      iceServers: signalling.iceServers(),
      version,
      siteName: config.server.siteName,
      piIp: addresses.page(),
      cameras: cameras.inOrder().map(clientConfigOf),
    }),
    health: () => ({
      version,
      uptimeS: uptimeS(),
      connectFailures: viewers.failures.counts,
      cameras: cameras.mapByKey((part, key) => healthOf(part, viewers.count(key), pushes.views(key))),
    }),
    metrics: () => {
      const statsByCamera = viewers.snapshot()
      return {
        version,
        uptimeS: uptimeS(),
        process: environment.processMetrics?.(),
        implementations: parts.implementations(),
        stun: parts.stun(),
        unfinishedBytes: parts.unfinishedBytes(),
        connectFailures: viewers.failures.counts,
        cameras: cameras.mapByKey((part, key) =>
          metricsOf(
            part,
            viewers.count(key),
            statsByCamera[key]!,
            pushes.views(key),
            publicationOf(part, key),
          ),
        ),
      }
    },
    admin: {
      cameras: () =>
        cameras.inOrder().map((part) => {
          const { key } = part.config
          const { port } = config.rtsp
          const url = port === undefined ? undefined : rtspUrl(addresses.page(), port, key)
          return adminCameraOf(part, viewers.count(key), pushes.views(key), url)
        }),
      maxClients,
      viewers: viewers.list,
      publishers,
      failures: viewers.failures,
    },
    events: {
      controls: () => cameras.mapByKey(({ controls: { inForce, isUnsaved } }) => ({ inForce, isUnsaved })),
    },
    signalling: signalling.routes,
    publishing: signalling.publishing,
    snapshots: snapshotRoutes(() => cameras.inOrder().map(({ snapshots }) => snapshots), maxClients),
    controls: controlRoutes(
      (key) => {
        const part = cameras.get(key)
        return part && controlledCameraOf(part, environment.configFile, parts.onControlsSaved, saves)
      },
      boundedBody(parts.limits, MAX_CONTROLS_BODY_BYTES),
    ),
    owner: ownerRoutes(
      createOwner(environment, saves, config, cameras, log),
      boundedBody(parts.limits, MAX_OWNER_BODY_BYTES),
    ),
    access,
    readSignInBody: boundedBody(parts.limits, MAX_SIGN_IN_BODY_BYTES),
    openApi: environment.openApi,
    version,
    authority: parts.authority,
    languages: parts.languages,
    staticDir,
    log,
  })
}
