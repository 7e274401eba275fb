import { networkInterfaces } from 'node:os'
import { captureCommand, type Env } from './camera/command.js'
import { alwaysWanted, createDemand, type Demand } from './camera/demand.js'
import { chooseEncoder } from './camera/encoder.js'
import { watchExternal } from './camera/external.js'
import { createStartGate, type StartGate } from './camera/gate.js'
import type { Machine } from './camera/machine.js'
import { createPictureFeed } from './camera/picture-feed.js'
import { pictureObstacle, picturesOf, type CameraPictures } from './camera/pictures.js'
import { PAYLOAD_TYPE, ssrcOf } from './camera/pipeline.js'
import { preferredIngestPorts } from './camera/ports.js'
import type { Camera } from './camera/status.js'
import { superviseCamera } from './camera/supervisor.js'
import type { CameraConfig, Config } from './config.js'
import { createAccess } from './http/access.js'
import { buildApp } from './http/app.js'
import { openCertificate } from './http/certificate.js'
import type { CameraMetrics } from './http/metrics.js'
import { bindProblem, listen, type Listener } from './http/listen.js'
import { pictureRoutes } from './http/pictures.js'
import { socketOnlyApp } from './http/socket-only.js'
import { Scope } from './lib/scope.js'
import type { Log } from './log.js'
import { openRtpStream, type RtpStream } from './rtp/stream.js'
import { cameraStreamerRoutes } from './signalling/camera-streamer.js'
import { go2rtcRoutes } from './signalling/go2rtc.js'
import { serveGo2rtc } from './signalling/go2rtc-socket.js'
import { serveSignalling, type SignallingCamera } from './signalling/websocket.js'
import { whepRoutes } from './signalling/whep.js'
import { announcedAddresses, type AddressOptions } from './viewer/addresses.js'
import { summarise, type CameraViewers } from './viewer/figures.js'
import { prepareWerift } from './viewer/peer.js'
import { ViewerRegistry, type StreamOfCamera } from './viewer/registry.js'
import { openUdpMux, type UdpMux } from './viewer/udp-mux.js'
import { warmUpMediaPath } from './viewer/warm-up.js'

/** What the program is started with, beside its configuration. */
export interface Surroundings {
  machine: Machine
  env: Env
  debug: boolean
  version: string
  /** The folder with the page's files. */
  staticDir: string
  /** Memory of this process; undefined where it cannot be asked. */
  residentBytes?: () => number
  log: (part: string) => Log
}

export interface RunningServer extends AsyncDisposable {
  /** Where to watch, as a person on another machine would type it. */
  readonly url: string
  readonly webPort: number
  readonly udpPort: number
}

interface CameraPart {
  config: CameraConfig
  stream: RtpStream
  keyframesOnDemand: boolean
  camera: Camera
  pictures: CameraPictures
  demand: Demand
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
  const addresses = (): AddressOptions => ({
    bindIp: server.bindIp,
    piIp: server.piIp,
    announce: webrtc.announce,
    interfaces: networkInterfaces(),
  })
  const shownAddress = (): string => announcedAddresses(addresses())[0]!

  await using scope = new Scope() // a step that throws closes the steps above it
  const httpLog = surroundings.log('http')
  const certificate = server.tls && scope.use(await openCertificate(server.tls, { log: httpLog }))
  const gate = createStartGate()
  const parts: CameraPart[] = []
  for (const camera of config.cameras)
    parts.push(await startCamera(scope, camera, config, gate, surroundings))

  const fingerprint = await prepareWerift()
  const warm = warmUpMediaPath() // nobody waits for it: a viewer who is here earlier only costs more
  scope.use({ [Symbol.asyncDispose]: async () => await warm })
  const mux = scope.use(await openMux(config, log))
  const viewers = scope.use(
    new ViewerRegistry({
      streams: new Map(parts.map((part) => [part.config.key, watchable(part)])),
      mux,
      fingerprint,
      addresses: () => announcedAddresses(addresses()),
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
      cameras: Object.fromEntries(parts.map((part) => [part.config.key, healthOf(part, viewers)])),
    }),
    metrics: () => {
      const watched = viewers.snapshot()
      return {
        version,
        uptimeS: uptimeS(),
        residentBytes: surroundings.residentBytes?.(),
        cameras: Object.fromEntries(
          parts.map((part) => [part.config.key, metricsOf(part, viewers, watched[part.config.key]!)]),
        ),
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
  const signalling = new Map(
    parts.map((part) => [part.config.key, signallingFor(part, viewers, surroundings.log('signalling'))]),
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
          ? (socket) => serveGo2rtc(socket, query.get('src') ?? '', viewers, surroundings.log('signalling'))
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

/** The picture's way in: a socket pair for its packets, then the process that sends them. */
async function startCamera(
  scope: Scope,
  config: CameraConfig,
  { cameras }: Config,
  gate: StartGate,
  { machine, env, debug, log: logOf }: Surroundings,
): Promise<CameraPart> {
  const { key, device } = config
  const log = logOf(key)
  const external = device.kind === 'rtp'
  const encoder = external ? undefined : chooseEncoder(config, machine)
  const described =
    encoder !== undefined && 'notes' in encoder ? encoder : { notes: [], keyframesOnDemand: true }
  for (const note of described.notes) log.info(note)
  const preferred = preferredIngestPorts(config.webrtcPort)
  const stream = scope.use(
    await openRtpStream({
      codec: config.codec,
      expected: external ? undefined : { ssrc: ssrcOf(config), payloadType: PAYLOAD_TYPE },
      preferred: external ? { ...preferred, rtpPort: device.port } : preferred,
      onError: (error) => log.warn('the ingest socket reports an error', { error: error.message }),
    }),
  )
  const feed = createPictureFeed(log)
  const demand = config.onDemand && !external ? createDemand(config.onDemandCloseAfterMs) : alwaysWanted
  const camera = scope.use(
    external
      ? watchExternal({ port: device.port, packets: stream, log })
      : superviseCamera({
          command: () =>
            captureCommand({
              camera: config,
              ports: stream.ports,
              machine,
              env,
              debug,
              sharedBy: cameras.length,
            }),
          packets: stream,
          pictures: feed,
          demand,
          gate,
          log,
          debug,
          onStart: () => stream.expectNewSender(),
          fps: config.fps,
        }),
  )
  const pictures = picturesOf({ key, camera, feed, demand, obstacle: pictureObstacle(config, machine) })
  return { config, stream, camera, pictures, demand, keyframesOnDemand: described.keyframesOnDemand }
}

/** What viewers are given of a camera. */
const watchable = ({ stream, camera, demand, keyframesOnDemand }: CameraPart): StreamOfCamera => ({
  codec: stream.codec,
  fanout: stream.fanout,
  clock: stream.clock,
  get keyframesOnDemand() {
    // While the camera only starts, the last keyframe is of the time before it was switched off: nothing to begin with.
    return keyframesOnDemand || camera.status().state !== 'live'
  },
  watch: () => demand.watch(),
  requestKeyframe: () => stream.requestKeyframe(),
})

async function openMux({ server, webrtc }: Config, log: Log): Promise<UdpMux> {
  try {
    return await openUdpMux(webrtc.udpPort, server.bindIp, (error) =>
      log.warn('the media socket reports an error', { error: error.message }),
    )
  } catch (error) {
    throw new Error(bindProblem(error, 'webrtc.udp-port', webrtc.udpPort, server.bindIp), { cause: error })
  }
}

function signallingFor(
  { config: { key }, camera, stream: { clock } }: CameraPart,
  viewers: ViewerRegistry,
  log: Log,
) {
  const told: SignallingCamera = {
    key,
    state: () => ({ key, ...camera.status() }),
    onState: (listener) => camera.onStatus((status) => listener({ key, ...status })),
    now: () => {
      const rtpTimestamp = clock.timestampAt(performance.now())
      const since = clock.source === 'reports' ? 'capture' : 'arrival'
      return rtpTimestamp === undefined ? undefined : { rtpTimestamp, since }
    },
  }
  return (socket: Parameters<typeof serveSignalling>[0]): void => serveSignalling(socket, told, viewers, log)
}

const healthOf = ({ config, stream, camera }: CameraPart, viewers: ViewerRegistry) => ({
  ...camera.status(),
  viewers: viewers.count(config.key),
  codec: config.codec,
  packets: stream.packets,
  keyframes: stream.keyframes,
})

function metricsOf(
  { config, stream, camera }: CameraPart,
  viewers: ViewerRegistry,
  watched: CameraViewers,
): CameraMetrics {
  const { state, restarts } = camera.status()
  return {
    state,
    restarts,
    packets: stream.packets,
    keyframes: stream.keyframes,
    keyframeRequests: stream.keyframeRequests.requested,
    keyframeAnswers: stream.keyframeRequests.answers,
    keyframeAnswerSumMs: stream.keyframeRequests.answerSumMs,
    viewers: viewers.count(config.key),
    ...summarise(watched),
  }
}

const inUrl = (address: string): string => (address.includes(':') ? `[${address}]` : address)
