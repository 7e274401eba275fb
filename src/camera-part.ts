import { captureCommand, type Env } from './camera/command.js'
import { alwaysWanted, createDemand, type Demand } from './camera/demand.js'
import { chooseEncoder } from './camera/encoder.js'
import { watchExternal } from './camera/external.js'
import type { StartGate } from './camera/gate.js'
import type { Machine } from './camera/machine.js'
import { createPictureFeed } from './camera/picture-feed.js'
import { pictureObstacle, picturesOf, type CameraPictures } from './camera/pictures.js'
import { PAYLOAD_TYPE, ssrcOf } from './camera/pipeline.js'
import { preferredIngestPorts } from './camera/ports.js'
import type { Camera } from './camera/status.js'
import { superviseCamera } from './camera/supervisor.js'
import type { CameraConfig, Config } from './config.js'
import type { CameraHealth } from './http/health.js'
import type { CameraMetrics } from './http/metrics.js'
import type { Scope } from './lib/scope.js'
import type { Log } from './log.js'
import { openRtpStream, type RtpStream } from './rtp/stream.js'
import type { SignallingCamera } from './signalling/websocket.js'
import { summarise, type CameraViewers } from './viewer/figures.js'
import type { StreamOfCamera } from './viewer/registry.js'

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

/** One camera: the process that makes its pictures, its packets, and what the other parts are given of it. */
export interface CameraPart {
  config: CameraConfig
  stream: RtpStream
  keyframesOnDemand: boolean
  camera: Camera
  pictures: CameraPictures
  demand: Demand
}

/** The picture's way in: a socket pair for its packets, then the process that sends them. */
export async function startCamera(
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
          command: async () =>
            captureCommand({
              camera: config,
              ports: await stream.portsForStart(),
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
export const watchable = ({ stream, camera, demand, keyframesOnDemand }: CameraPart): StreamOfCamera => ({
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

/** What a client's signalling is told of a camera. */
export const toldOf = ({ config: { key }, camera, stream: { clock } }: CameraPart): SignallingCamera => ({
  key,
  state: () => ({ key, ...camera.status() }),
  onState: (listener) => camera.onStatus((status) => listener({ key, ...status })),
  now: () => {
    const rtpTimestamp = clock.timestampAt(performance.now())
    const since = clock.source === 'reports' ? 'capture' : 'arrival'
    return rtpTimestamp === undefined ? undefined : { rtpTimestamp, since }
  },
})

/** What `/health` says of a camera. */
export const healthOf = ({ config, stream, camera }: CameraPart, viewers: number): CameraHealth => ({
  ...camera.status(),
  viewers,
  codec: config.codec,
  packets: stream.packets,
  keyframes: stream.keyframes,
})

/** What `/metrics` says of a camera and its viewers. */
export function metricsOf(
  { stream, camera }: CameraPart,
  viewers: number,
  watched: CameraViewers,
): CameraMetrics {
  const { state, restarts } = camera.status()
  const { requested, answers, answerSumMs } = stream.keyframeRequests
  return {
    state,
    restarts,
    packets: stream.packets,
    keyframes: stream.keyframes,
    keyframeRequests: requested,
    keyframeAnswers: answers,
    keyframeAnswerSumMs: answerSumMs,
    viewers,
    ...summarise(watched),
  }
}
