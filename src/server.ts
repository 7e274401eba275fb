import { networkInterfaces } from 'node:os'
import { captureCommand, type Env } from './camera/command.js'
import { chooseEncoder } from './camera/encoder.js'
import { watchExternal } from './camera/external.js'
import { createStartGate, type StartGate } from './camera/gate.js'
import type { Machine } from './camera/machine.js'
import { PAYLOAD_TYPE, ssrcOf } from './camera/pipeline.js'
import { preferredIngestPorts } from './camera/ports.js'
import type { Camera } from './camera/status.js'
import { superviseCamera } from './camera/supervisor.js'
import type { CameraConfig, Config } from './config.js'
import { buildApp } from './http/app.js'
import type { CameraMetrics } from './http/metrics.js'
import { bindProblem, listen, type Listener } from './http/listen.js'
import { socketOnlyApp } from './http/socket-only.js'
import { Scope } from './lib/scope.js'
import type { Log } from './log.js'
import { openRtpStream, type RtpStream } from './rtp/stream.js'
import { serveSignalling, type SignallingCamera } from './signalling/websocket.js'
import { whepRoutes } from './signalling/whep.js'
import { announcedAddresses, type AddressOptions } from './viewer/addresses.js'
import { summarise, type CameraViewers } from './viewer/figures.js'
import { prepareWerift } from './viewer/peer.js'
import { ViewerRegistry, type StreamOfCamera } from './viewer/registry.js'
import { openUdpMux, type UdpMux } from './viewer/udp-mux.js'

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
}

/**
 * Builds every part, in the order a packet travels, and closes them in reverse.
 * @throws Error with a sentence that names the key when a port cannot be had.
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
  const gate = createStartGate()
  const parts: CameraPart[] = []
  for (const camera of config.cameras)
    parts.push(await startCamera(scope, camera, config, gate, surroundings))

  const fingerprint = await prepareWerift()
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
    whep: whepRoutes(viewers),
    staticDir,
    log: surroundings.log('http'),
  })
  const signalling = new Map(
    parts.map((part) => [part.config.key, signallingFor(part, viewers, surroundings.log('signalling'))]),
  )
  const common = { address: server.bindIp, log: surroundings.log('http') }
  const web: Listener = scope.use(
    await listen({
      ...common,
      app,
      port: server.webPort,
      configKey: 'server.web-port',
      socketFor: (path) => signalling.get(/^\/(camera\d+)\/ws$/.exec(path)?.[1] ?? ''),
    }),
  )
  for (const { key, webrtcPort } of config.cameras) {
    const serve = signalling.get(key)
    const configKey = `${key}.webrtc-port`
    scope.use(
      await listen({
        ...common,
        app: socketOnlyApp(key),
        port: webrtcPort,
        configKey,
        socketFor: () => serve,
      }),
    )
  }

  const running = scope.move()
  return {
    url: `http://${inUrl(shownAddress())}:${web.port}`,
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
          gate,
          log,
          debug,
          onStart: () => stream.expectNewSender(),
          fps: config.fps,
        }),
  )
  return { config, stream, camera, keyframesOnDemand: described.keyframesOnDemand }
}

/** What viewers are given of a camera. */
const watchable = ({ stream, keyframesOnDemand }: CameraPart): StreamOfCamera => ({
  codec: stream.codec,
  fanout: stream.fanout,
  clock: stream.clock,
  keyframesOnDemand,
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

function signallingFor({ config: { key }, camera }: CameraPart, viewers: ViewerRegistry, log: Log) {
  const told: SignallingCamera = {
    key,
    state: () => ({ key, ...camera.status() }),
    onState: (listener) => camera.onStatus((status) => listener({ key, ...status })),
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
