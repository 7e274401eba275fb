import { setMaxListeners } from 'node:events'
import { captureCommand, type Env } from '../camera/gstreamer/command.js'
import { createDemand, type Demand } from '../camera/capture/demand.js'
import { chooseEncoder } from '../camera/gstreamer/encoder.js'
import { watchExternal } from '../camera/capture/external-rtp.js'
import type { StartGate } from '../camera/capture/start-queue.js'
import type { Machine } from '../camera/gstreamer/machine.js'
import { createPictureFeed } from '../camera/snapshots/reader.js'
import { pictureObstacle, picturesOf, type CameraPictures } from '../camera/snapshots/snapshots.js'
import { PAYLOAD_TYPE, ssrcOf } from '../camera/gstreamer/pipeline.js'
import { preferredIngestPorts } from '../camera/gstreamer/ports.js'
import type { Camera, CameraStatus } from '../camera/capture/status.js'
import { superviseCamera } from '../camera/capture/supervisor.js'
import type { CameraConfig } from '../config/types.js'
import type { AdministeredCamera } from '../http/routes/admin.js'
import type { ConfigFacts } from '../http/routes/client-config.js'
import type { CameraHealth } from '../http/routes/health.js'
import type { CameraMetrics, ProcessMetrics } from '../http/routes/metrics.js'
import { Scope } from '../lib/scope.js'
import type { Log } from '../log.js'
import { openRtpStream, type RtpStream } from '../rtp/stream.js'
import type { CameraState } from '../signalling/websocket-messages.js'
import type { CameraLook } from '../systemd/stall-check.js'
import type { SignallingCamera } from '../signalling/websocket.js'
import { summarise, type CameraViewers, type ViewerFigures } from '../viewer/stats/stats.js'
import type { StreamOfCamera } from '../viewer/registry.js'

/** What the program is started with, beside its configuration. */
export interface Surroundings {
  machine: Machine
  env: Env
  debug: boolean
  version: string
  /** The folder with the page's files. */
  staticDir: string
  /** How this process does; undefined where it cannot be asked. */
  processMetrics?: () => ProcessMetrics
  log: (part: string) => Log
}

/** What a camera is captured with; a new configuration brings another. */
export interface CameraSettings {
  config: CameraConfig
  machine: Machine
  /** How many cameras this machine encodes at once. */
  sharedBy: number
}

/** One camera: the process that makes its pictures, its packets, and what the other parts are given of it. */
export interface CameraPart extends AsyncDisposable {
  readonly config: CameraConfig
  readonly keyframesOnDemand: boolean
  readonly stream: RtpStream
  readonly camera: Camera
  readonly pictures: CameraPictures
  readonly demand: Demand
  /** Aborted, with why, when this camera is no more; its clients are told. */
  readonly over: AbortSignal
  /** Other settings of the same stream. @param restart whether they need another process; the viewers stay. */
  take(settings: CameraSettings, restart: boolean): void
  /** Ends its clients. @param why is told to them. */
  end(why: CameraEnd): void
}

export type CameraEnd = 'camera-removed' | 'camera-changed'

/**
 * The picture's way in: a socket pair for its packets, then the process that sends them.
 * @throws Error when the port on which another program's packets are to come is taken.
 */
export async function startCamera(
  first: CameraSettings,
  gate: StartGate,
  { env, debug, log: logOf }: Surroundings,
): Promise<CameraPart> {
  let settings = first
  const { key, device, codec, webrtcPort } = first.config
  const log = logOf(key)
  const external = device.kind === 'rtp'
  const encoding = (): { keyframesOnDemand: boolean } => {
    const encoder = external ? undefined : chooseEncoder(settings.config, settings.machine)
    const described =
      encoder !== undefined && 'notes' in encoder ? encoder : { notes: [], keyframesOnDemand: true }
    for (const note of described.notes) log.info(note)
    return described
  }
  const kept = (): number =>
    settings.config.onDemand && !external ? settings.config.onDemandCloseAfterMs : Infinity

  await using scope = new Scope()
  let { keyframesOnDemand } = encoding()
  const preferred = preferredIngestPorts(webrtcPort)
  const stream = scope.use(
    await openRtpStream({
      codec,
      expected: external ? undefined : { ssrc: ssrcOf(first.config), payloadType: PAYLOAD_TYPE },
      preferred: external ? { ...preferred, rtpPort: device.port } : preferred,
      onError: (error) => log.warn('the ingest socket reports an error', { error: error.message }),
    }),
  )
  const feed = createPictureFeed(log)
  const demand = createDemand(kept())
  const camera = scope.use(
    external
      ? watchExternal({ port: device.port, packets: stream, log })
      : superviseCamera({
          command: async () => {
            const ports = await stream.portsForStart()
            const { config, ...rest } = settings
            return captureCommand({ camera: config, ports, env, debug, ...rest })
          },
          packets: stream,
          pictures: feed,
          demand,
          gate,
          log,
          debug,
          onStart: () => stream.expectNewSender(),
          get fps() {
            return settings.config.fps
          },
        }),
  )
  const obstacle = pictureObstacle(first.config, first.machine)
  const ending = new AbortController()
  setMaxListeners(0, ending.signal) // each WebSocket and each MJPEG reader listens, and leaves with its client
  const pictures = picturesOf({ key, camera, feed, demand, obstacle, over: ending.signal })
  const running = scope.move()
  return {
    get config() {
      return settings.config
    },
    get keyframesOnDemand() {
      return keyframesOnDemand
    },
    stream,
    camera,
    pictures,
    demand,
    over: ending.signal,
    take(next, restart) {
      settings = restart ? next : { ...next, machine: settings.machine }
      demand.keepFor(kept())
      if (!restart) return
      keyframesOnDemand = encoding().keyframesOnDemand
      camera.restart()
    },
    end: (why) => ending.abort(why),
    [Symbol.asyncDispose]: async () => await running[Symbol.asyncDispose](),
  }
}

/** What viewers are given of a camera. */
export const watchable = (part: CameraPart): StreamOfCamera => ({
  codec: part.stream.codec,
  fanout: part.stream.fanout,
  clock: part.stream.clock,
  get keyframesOnDemand() {
    // While the camera only starts, the last keyframe is of the time before it was switched off: nothing to begin with.
    return part.keyframesOnDemand || part.camera.status().state !== 'live'
  },
  watch: () => part.demand.watch(),
  requestKeyframe: () => part.stream.requestKeyframe(),
})

/** What made it start again before is nothing that helps a viewer. */
const stateOf = (key: string, { restartsByCause: _, ...status }: CameraStatus): CameraState => ({
  key,
  ...status,
})

/** What a client's signalling is told of a camera. */
export const toldOf = ({
  config: { key },
  camera,
  stream: { clock },
  over,
}: CameraPart): SignallingCamera => ({
  key,
  over,
  state: () => stateOf(key, camera.status()),
  onState: (listener) => camera.onStatus((status) => listener(stateOf(key, status))),
  now: () => {
    const rtpTimestamp = clock.timestampAt(performance.now())
    const since = clock.source === 'reports' ? 'capture' : 'arrival'
    return rtpTimestamp === undefined ? undefined : { rtpTimestamp, since }
  },
})

/** What `/health` says of a camera. */
export function healthOf({ config, stream, camera }: CameraPart, viewers: number): CameraHealth {
  const { restartsByCause, ...status } = camera.status()
  return {
    ...status,
    restarts_by_cause: restartsByCause,
    viewers,
    codec: config.codec,
    packets: stream.packets,
    keyframes: stream.keyframes,
  }
}

/** What a client has to know of a camera. */
export const described = ({ config, camera, pictures }: CameraPart): ConfigFacts['cameras'][number] => ({
  ...config,
  hasPicture: pictures.obstacle === undefined && camera.status().state === 'live',
})

/** What a script may ask of a camera and do with it. */
export const administered = (part: CameraPart, viewers: number): AdministeredCamera => ({
  config: part.config,
  health: healthOf(part, viewers),
  restart: () => part.camera.restart(),
})

/** What `/metrics` says of a camera and its viewers. */
export function metricsOf(
  { stream, camera }: CameraPart,
  viewers: number,
  watched: CameraViewers,
): CameraMetrics {
  const { state, restarts, restartsByCause } = camera.status()
  const { requested, answers, answerSumMs } = stream.keyframeRequests
  return {
    state,
    restarts,
    restartsByCause,
    packets: stream.packets,
    frames: stream.frames,
    captureDelayMs: stream.captureDelayMs,
    keyframes: stream.keyframes,
    keyframeRequests: requested,
    keyframeAnswers: answers,
    keyframeAnswerSumMs: answerSumMs,
    viewers,
    ...summarise(watched),
  }
}

/** A look at how a camera's packets move. @param waitingBytes of the kernel's queues, by port. */
export const lookAt = (
  { stream, camera }: CameraPart,
  viewers: ReadonlyMap<string, ViewerFigures>,
  waitingBytes: ReadonlyMap<number, number>,
): CameraLook => ({
  isLive: camera.status().state === 'live',
  waitingBytes: waitingBytes.get(stream.rtpPort),
  datagrams: stream.datagrams,
  packets: stream.packets,
  fannedOut: stream.fanout.packets,
  viewers: Array.from(viewers, ([id, { packets, congested }]) => ({ id, packets, isCongested: congested })),
})
