import { readFile } from 'node:fs/promises'
import { type CameraEndReason } from './camera.js'
import { type ServerEnvironment } from './environment.js'
import { progressOf } from './camera-views.js'
import { metricsOf } from './camera-views.js'
import { adminCameraOf } from './camera-views.js'
import { clientConfigOf } from './camera-views.js'
import { healthOf } from './camera-views.js'
import { signallingCameraOf } from './camera-views.js'
import { viewerSourceOf } from './camera-views.js'
import { createCameraSet } from './cameras.js'
import type { Machine } from '../camera/gstreamer/machine.js'
import type { CameraConfig, Config } from '../config/types.js'
import type { Limits } from '../config/limits.js'
import { diffConfig } from '../config/diff.js'
import { buildApp } from '../http/app.js'
import { createConnectionCount } from '../http/connection-limits.js'
import { createReloadableAccess } from '../http/auth/reloadable-access.js'
import { createReloadableCertificate } from '../http/tls/reloadable-certificate.js'
import { createListeners, type Endpoint } from '../http/listeners.js'
import { createMessageLimits } from '../http/websocket/message-limits.js'
import { snapshotRoutes } from '../http/routes/snapshots.js'
import { websocketOnlyApp } from '../http/websocket-only-app.js'
import { openSrtpBatch } from '../srtp/batch.js'
import type { Implementations } from '../http/routes/metrics.js'
import { messageOf } from '../lib/error-message.js'
import { Scope } from '../lib/scope.js'
import {
  accessOf,
  addressOptions,
  accessSettings,
  credentialsOf,
  logImplementations,
  mediaEndpoint,
  offerCounter,
  openMux,
} from './server-parts.js'
import type { MediaProgress } from '../systemd/stall-check.js'
import { statusLine } from '../systemd/status-line.js'
import { waitingBytesByPort } from '../systemd/proc-net-udp.js'
import { cameraStreamerRoutes } from '../signalling/compat/camera-streamer.js'
import { go2rtcRoutes } from '../signalling/compat/go2rtc.js'
import { serveGo2rtc } from '../signalling/compat/go2rtc-websocket.js'
import { POLICY_VIOLATION, serveSignalling, type SignallingSocket } from '../signalling/websocket.js'
import { whepRoutes } from '../signalling/whep.js'
import { announcedAddresses } from '../viewer/transport/host-addresses.js'
import { openMediaPort } from '../viewer/transport/media-port.js'
import { prepareWerift } from '../viewer/werift/prepare.js'
import { ViewerRegistry } from '../viewer/registry.js'
import { warmUpMediaPath } from '../viewer/media/warm-up.js'

export interface RunningServer extends AsyncDisposable {
  /** Where to watch, as a person on another machine would type it. */
  readonly url: string
  readonly webPort: number
  readonly udpPort: number
  /**
   * Puts another configuration in force: what did not change runs on, viewers of unchanged cameras notice nothing. One
   * after the other, however often it is called. What cannot be done (a port that is taken) is in the log.
   * @throws ConfigError when its certificate cannot be used; then everything stays.
   */
  reload(next: Config, machine: Machine): Promise<void>
  /** One line for people: what is live, who watches, what fails and why. */
  status(): string
  /** How far packets have come, to be compared with another look. */
  progress(): Promise<MediaProgress>
}

const WEB_PORT = 'server.web-port'

/**
 * Builds every part, in the order a packet travels, and closes them in reverse.
 * @throws Error with a sentence that names the key when a port cannot be had; ConfigError when the certificate cannot be used.
 */
export async function startServer(first: Config, surroundings: ServerEnvironment): Promise<RunningServer> {
  let config = first // the one in force: what asks it at every use needs no more to follow a new one
  const { version, staticDir } = surroundings
  const limits = (): Limits => config.limits
  const log = surroundings.log('server')
  const httpLog = surroundings.log('http')
  const signallingLog = surroundings.log('signalling')
  const startedMs = performance.now()
  const uptimeS = (): number => Math.round((performance.now() - startedMs) / 1000)
  const addresses = (bindIp: string): string[] => announcedAddresses(addressOptions(config, bindIp))
  const shownAddress = (): string => addresses(config.server.bindIp)[0]!

  await using scope = new Scope() // a step that throws closes the steps above it
  const certificate = scope.use(createReloadableCertificate(httpLog))
  await certificate.apply(config.server.tls)
  await warmUpMediaPath(1) // or the cameras' objects are of an older kind than those for which code will be compiled
  const cameras = scope.use(createCameraSet(() => config, surroundings))
  for (const camera of config.cameras) await cameras.start(camera, surroundings.machine)

  const fingerprint = await prepareWerift(log)
  // Nobody waits for it, and it may fail: a viewer whom it did not prepare for only costs more.
  const warm = warmUpMediaPath().catch(() => 0)
  scope.use({
    [Symbol.asyncDispose]: async () => {
      await warm
    },
  })
  const srtp = openSrtpBatch()
  const media = scope.use(
    await openMediaPort(mediaEndpoint(config), async (place) => await openMux(place, config, log), log),
  )
  const implementations = (): Implementations => ({
    srtp: srtp.implementation,
    udpSend: media.mux.sendImplementation,
  })
  logImplementations(implementations(), log)
  const viewers = scope.use(
    new ViewerRegistry({
      media,
      srtp,
      config: {
        get webrtc() {
          return config.webrtc
        },
        get limits() {
          return config.limits
        },
      },
      fingerprint,
      addresses: () => addresses(config.webrtc.udpBindIp),
      log: surroundings.log('viewers'),
    }),
  )
  for (const part of cameras.inOrder()) viewers.open(part.config.key, viewerSourceOf(part))

  const access = createReloadableAccess(accessOf(config, httpLog))
  const stunServer = (): string | undefined => config.webrtc.stunServer
  const countOffer = offerCounter(limits)
  const messageLimits = createMessageLimits(limits)
  const dialectLimits = { countOffer, maxBodyBytes: () => limits().maxBodyBytes, ...messageLimits }
  const app = buildApp({
    config: () => ({
      ...config.webrtc,
      version,
      piIp: shownAddress(),
      cameras: cameras.inOrder().map(clientConfigOf),
    }),
    health: () => ({
      version,
      uptimeS: uptimeS(),
      cameras: cameras.mapByKey((part, key) => healthOf(part, viewers.count(key))),
    }),
    metrics: () => {
      const watched = viewers.snapshot()
      return {
        version,
        uptimeS: uptimeS(),
        process: surroundings.processMetrics?.(),
        implementations: implementations(),
        unfinishedBytes: messageLimits.unfinished.bytes,
        cameras: cameras.mapByKey((part, key) => metricsOf(part, viewers.count(key), watched[key]!)),
      }
    },
    admin: {
      cameras: () => cameras.inOrder().map((part) => adminCameraOf(part, viewers.count(part.config.key))),
      maxClients: () => config.webrtc.maxClients,
      viewers: viewers.list,
    },
    signalling: [
      whepRoutes(viewers, stunServer, dialectLimits),
      cameraStreamerRoutes(viewers, () => config.cameras[0]!.key, stunServer, dialectLimits),
      go2rtcRoutes(viewers, stunServer, dialectLimits),
    ],
    snapshots: snapshotRoutes(
      () => cameras.inOrder().map(({ snapshots: pictures }) => pictures),
      () => config.webrtc.maxClients,
    ),
    access,
    staticDir,
    log: httpLog,
  })
  const signallingOf = (key: string): ((socket: SignallingSocket) => void) | undefined => {
    const part = cameras.get(key)
    return part && ((socket) => serveSignalling(socket, signallingCameraOf(part), viewers, signallingLog))
  }

  const listeners = scope.use(createListeners(httpLog))
  const room = {
    access,
    limits,
    connectionCount: createConnectionCount(limits),
    messageLimits,
    countOffer,
    log: httpLog,
  }
  const place = (port: number): Endpoint => ({
    port,
    address: config.server.bindIp,
    certificate: certificate.inForce,
  })
  const openDoor = async ({ key, webrtcPort }: CameraConfig): Promise<void> =>
    await listeners.open(`${key}.webrtc-port`, place(webrtcPort), {
      ...room,
      app: websocketOnlyApp(key, access),
      socketFor: () => signallingOf(key),
    })
  await listeners.open(WEB_PORT, place(config.server.webPort), {
    ...room,
    app,
    socketFor: (path, parameter) =>
      path === '/api/ws'
        ? (socket) => serveGo2rtc(socket, parameter('src') ?? '', viewers, signallingLog)
        : signallingOf(/^\/(camera\d+)\/ws$/.exec(path)?.[1] ?? ''),
  })
  for (const camera of config.cameras) await openDoor(camera)

  const end = async (key: string, why: CameraEndReason): Promise<void> => {
    await cameras.end(key, why, async () => {
      await viewers.close(key, why)
      if (why === 'camera-removed') await listeners.close(`${key}.webrtc-port`)
    })
  }

  const applyConfig = async (next: Config, machine: Machine): Promise<void> => {
    // What is running is compared, not what was asked for: what failed the last time is tried again.
    const running = { ...config, cameras: cameras.inOrder().map((part) => part.config) }
    const { removed, replaced, restarted, added } = diffConfig(running, next)
    await certificate.apply(next.server.tls)
    const old = config
    config = next
    if (accessSettings(old) !== accessSettings(next)) access.replace(accessOf(next, httpLog))
    if (credentialsOf(old) !== credentialsOf(next)) {
      listeners.disconnectAll(POLICY_VIOLATION, 'credentials-changed')
      await viewers.endAll('credentials-changed')
    }
    for (const key of removed) await end(key, 'camera-removed')
    for (const { key } of replaced) await end(key, 'camera-changed')
    for (const camera of next.cameras) {
      const settings = { config: camera, machine, sharedBy: next.cameras.length }
      cameras.get(camera.key)?.apply(settings, restarted.includes(camera.key))
    }
    const say = (error: unknown): void => log.error(messageOf(error))
    for (const camera of [...replaced, ...added]) {
      await cameras
        .start(camera, machine, (part) => viewers.open(camera.key, viewerSourceOf(part)))
        .catch(say)
    }
    const ownPorts = next.cameras.map(
      ({ key, webrtcPort }) => [`${key}.webrtc-port`, place(webrtcPort)] as const,
    )
    await listeners.move(new Map([[WEB_PORT, place(next.server.webPort)], ...ownPorts]))
    for (const { config: camera } of cameras.inOrder())
      if (listeners.port(`${camera.key}.webrtc-port`) === undefined) await openDoor(camera).catch(say)
    await media.move(mediaEndpoint(next), async () => await viewers.endAll('port-changed'))
  }

  const running = scope.move()
  let stopping = false
  let turn: Promise<unknown> = Promise.resolve()
  return {
    get url() {
      return `${certificate.inForce ? 'https' : 'http'}://${inUrl(shownAddress())}:${listeners.port(WEB_PORT)!}`
    },
    get webPort() {
      return listeners.port(WEB_PORT)!
    },
    get udpPort() {
      return media.mux.port
    },
    status: () => {
      const states = cameras.inOrder().map(({ config: { key }, camera }) => ({ key, ...camera.status() }))
      const watching = states.reduce((sum, { key }) => sum + viewers.count(key), 0)
      return statusLine(states, watching)
    },
    progress: async () => {
      const waiting = waitingBytesByPort(await readFile('/proc/net/udp', 'utf8').catch(() => ''))
      return cameras.mapByKey((part, key) => progressOf(part, viewers.stats(key), waiting))
    },
    reload: async (next, machine) => {
      const mine = turn.then(async () => (stopping ? undefined : await applyConfig(next, machine)))
      turn = mine.catch(() => {}) // whoever asked for it is told
      await mine
    },
    async [Symbol.asyncDispose]() {
      stopping = true
      await turn
      await running[Symbol.asyncDispose]()
    },
  }
}

const inUrl = (address: string): string => (address.includes(':') ? `[${address}]` : address)
