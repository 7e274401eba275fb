import { networkInterfaces } from 'node:os'
import {
  healthOf,
  metricsOf,
  startCamera,
  toldOf,
  watchable,
  type CameraPart,
  type Surroundings,
} from './camera-part.js'
import { createStartGate } from './camera/gate.js'
import type { Config } from './config.js'
import { createAccess } from './http/access.js'
import { buildApp } from './http/app.js'
import { openCertificate } from './http/certificate.js'
import { bindProblem, listen, type Listener } from './http/listen.js'
import { pictureRoutes } from './http/pictures.js'
import { socketOnlyApp } from './http/socket-only.js'
import { Scope } from './lib/scope.js'
import type { Log } from './log.js'
import { cameraStreamerRoutes } from './signalling/camera-streamer.js'
import { go2rtcRoutes } from './signalling/go2rtc.js'
import { serveGo2rtc } from './signalling/go2rtc-socket.js'
import { serveSignalling, type SignallingSocket } from './signalling/websocket.js'
import { whepRoutes } from './signalling/whep.js'
import { announcedAddresses, type AddressOptions } from './viewer/addresses.js'
import { prepareWerift } from './viewer/peer.js'
import { ViewerRegistry } from './viewer/registry.js'
import { openUdpMux, type UdpMux } from './viewer/udp-mux.js'
import { warmUpMediaPath } from './viewer/warm-up.js'

export interface RunningServer extends AsyncDisposable {
  /** Where to watch, as a person on another machine would type it. */
  readonly url: string
  readonly webPort: number
  readonly udpPort: number
}

/**
 * Builds every part, in the order a packet travels, and closes them in reverse.
 * @throws Error with a sentence that names the key when a port cannot be had; ConfigError when the certificate cannot be used.
 */
export async function startServer(config: Config, surroundings: Surroundings): Promise<RunningServer> {
  const { server, webrtc } = config
  const { version, staticDir } = surroundings
  const log = surroundings.log('server')
  const startedMs = performance.now()
  const uptimeS = (): number => Math.round((performance.now() - startedMs) / 1000)
  const addresses = (bindIp: string): AddressOptions => ({
    bindIp,
    piIp: server.piIp,
    announce: webrtc.announce,
    interfaces: networkInterfaces(),
  })
  const shownAddress = (): string => announcedAddresses(addresses(server.bindIp))[0]!

  await using scope = new Scope() // a step that throws closes the steps above it
  const httpLog = surroundings.log('http')
  const certificate = server.tls && scope.use(await openCertificate(server.tls, { log: httpLog }))
  const gate = createStartGate()
  const parts: CameraPart[] = []
  for (const camera of config.cameras)
    parts.push(await startCamera(scope, camera, config, gate, surroundings))

  const byCamera = <T>(tell: (part: CameraPart, key: string) => T): Record<string, T> =>
    Object.fromEntries(parts.map((part) => [part.config.key, tell(part, part.config.key)]))

  const fingerprint = await prepareWerift()
  const warm = warmUpMediaPath() // nobody waits for it: a viewer who is here earlier only costs more
  scope.use({ [Symbol.asyncDispose]: async () => await warm })
  const mux = scope.use(await openMux(config, log))
  const viewers = scope.use(
    new ViewerRegistry({
      streams: new Map(parts.map((part) => [part.config.key, watchable(part)])),
      mux,
      fingerprint,
      addresses: () => announcedAddresses(addresses(webrtc.udpBindIp)),
      maxClients: webrtc.maxClients,
      log: surroundings.log('viewers'),
    }),
  )

  const access = createAccess(server.access, {
    webPort: server.webPort,
    tls: certificate !== undefined,
    log: httpLog,
  })
  const app = buildApp({
    config: () => ({
      version,
      piIp: shownAddress(),
      maxClients: webrtc.maxClients,
      stunServer: webrtc.stunServer,
      cameras: config.cameras,
    }),
    health: () => ({
      version,
      uptimeS: uptimeS(),
      cameras: byCamera((part, key) => healthOf(part, viewers.count(key))),
    }),
    metrics: () => {
      const watched = viewers.snapshot()
      return {
        version,
        uptimeS: uptimeS(),
        residentBytes: surroundings.residentBytes?.(),
        cameras: byCamera((part, key) => metricsOf(part, viewers.count(key), watched[key]!)),
      }
    },
    dialects: [
      whepRoutes(viewers, webrtc.stunServer),
      cameraStreamerRoutes(viewers, config.cameras[0]!.key, webrtc.stunServer),
      go2rtcRoutes(viewers, webrtc.stunServer),
    ],
    pictures: pictureRoutes(
      parts.map(({ pictures }) => pictures),
      webrtc.maxClients,
    ),
    access,
    staticDir,
    log: httpLog,
  })
  const signallingLog = surroundings.log('signalling')
  const signalling = new Map(
    parts.map((part) => [
      part.config.key,
      (socket: SignallingSocket) => serveSignalling(socket, toldOf(part), viewers, signallingLog),
    ]),
  )
  const common = { address: server.bindIp, access, certificate, log: httpLog }
  const web: Listener = scope.use(
    await listen({
      ...common,
      app,
      port: server.webPort,
      configKey: 'server.web-port',
      socketFor: (path, query) =>
        path === '/api/ws'
          ? (socket) => serveGo2rtc(socket, query.get('src') ?? '', viewers, signallingLog)
          : signalling.get(/^\/(camera\d+)\/ws$/.exec(path)?.[1] ?? ''),
    }),
  )
  for (const { key, webrtcPort } of config.cameras) {
    const serve = signalling.get(key)
    const configKey = `${key}.webrtc-port`
    scope.use(
      await listen({
        ...common,
        app: socketOnlyApp(key, access),
        port: webrtcPort,
        configKey,
        socketFor: () => serve,
      }),
    )
  }

  const running = scope.move()
  return {
    url: `${certificate ? 'https' : 'http'}://${inUrl(shownAddress())}:${web.port}`,
    webPort: web.port,
    udpPort: mux.port,
    [Symbol.asyncDispose]: async () => await running[Symbol.asyncDispose](),
  }
}

async function openMux({ server, webrtc: { udpPort, udpBindIp } }: Config, log: Log): Promise<UdpMux> {
  try {
    return await openUdpMux(udpPort, udpBindIp, (error) =>
      log.warn('the media socket reports an error', { error: error.message }),
    )
  } catch (error) {
    const addressKey = udpBindIp === server.bindIp ? 'server.bind-ip' : 'webrtc.udp-bind-ip'
    const problem = bindProblem(error, 'webrtc.udp-port', udpPort, udpBindIp, addressKey)
    throw new Error(problem, { cause: error })
  }
}

const inUrl = (address: string): string => (address.includes(':') ? `[${address}]` : address)
