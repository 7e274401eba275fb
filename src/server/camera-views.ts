import type { CameraState } from '../signalling/websocket-messages.js'
import type { CameraFailure } from '../camera/camera-failure.js'
import type { CameraStatus } from '../camera/capture/status.js'
import type { StreamOfCamera } from '../viewer/registry-options.js'
import { isExternal } from '../config/device.js'
import type { CameraPart } from './camera-part.js'
import type { SignallingCamera } from '../signalling/websocket.js'
import type { AudioFacts, FieldOfViewFacts } from '../http/routes/camera-facts.js'
import { sizeText } from '../camera/sensors/sensor.js'
import type { CameraHealth } from '../http/routes/health.js'
import type { ConfigFacts } from '../http/routes/client-config.js'
import type { AdminCamera } from '../http/routes/admin.js'
import type { CameraMetrics } from '../http/routes/metrics-facts.js'
import type { PushView } from '../push/push-view.js'
import { type CameraViewers, summarise, type ViewerStats } from '../viewer/stats/stats.js'
import type { CameraProgress } from '../systemd/stall-check.js'

/** A camera as its viewers' sessions use it. */
export const viewerSourceOf = (part: CameraPart): StreamOfCamera => ({
  codec: part.stream.codec,
  fanout: part.stream.fanout,
  clock: part.stream.clock,
  get audio() {
    return part.audio.stream
  },
  get low() {
    return part.low.source
  },
  get keyframesOnDemand() {
    // While the camera starts, the last keyframe is from before it was switched off.
    return part.keyframesOnDemand || part.camera.status().state !== 'live'
  },
  watch: () => {
    const both = [part.demand.watch(), part.stream.watch(), part.audio.watch()]
    return {
      [Symbol.dispose]: () => {
        for (const each of both) each[Symbol.dispose]()
      },
    }
  },
  requestKeyframe: () => part.stream.requestKeyframe(),
})

/** Viewers do not need the causes of earlier restarts. */
function stateOf(part: CameraPart, { restartsByCause: _, ...status }: CameraStatus): CameraState {
  const fieldOfView = fieldOfViewOf(part)
  return { key: part.config.key, ...status, ...(fieldOfView && { fieldOfView }) }
}

function fieldOfViewOf({ picture: { view } }: CameraPart): FieldOfViewFacts | undefined {
  if (view === undefined) return undefined
  const { step, mode, share } = view
  return {
    step,
    mode: mode && sizeText(mode),
    widthPercent: share && Math.round(share.width * 100),
    heightPercent: share && Math.round(share.height * 100),
  }
}

/** A camera as signalling reports it to a client. */
export const signallingCameraOf = (part: CameraPart): SignallingCamera => ({
  key: part.config.key,
  signal: part.ended,
  state: () => stateOf(part, part.camera.status()),
  onState: (listener) => part.camera.onStatus((status) => listener(stateOf(part, status))),
  now: () => {
    const { clock } = part.stream
    const rtpTimestamp = clock.timestampAt(performance.now())
    const since = clock.source === 'reports' ? 'capture' : 'arrival'
    return rtpTimestamp === undefined ? undefined : { rtpTimestamp, since }
  },
})

/** A camera in `/health`. */
export function healthOf(part: CameraPart, viewers: number, pushes: readonly PushView[]): CameraHealth {
  const { config, stream, camera, picture, deviceInUse } = part
  return {
    ...camera.status(),
    ...(deviceInUse === undefined ? {} : { deviceInUse }),
    viewers,
    codec: config.codec,
    warnings: warningsOf(part),
    packets: stream.packets,
    keyframes: stream.keyframes,
    fieldOfView: fieldOfViewOf(part),
    fallbacks: picture.losses,
    pushes,
    audio: audioFactsOf(part),
  }
}

/** Without sound there is still a picture, so a microphone that is missing is a warning. */
const warningsOf = ({ camera, warnings, audio }: CameraPart): CameraFailure[] => [
  ...(camera.status().warnings ?? []),
  ...warnings,
  ...(audio.failure === undefined ? [] : [audio.failure]),
]

function audioFactsOf({ audio }: CameraPart): AudioFacts | undefined {
  const [stream, status] = [audio.stream, audio.status()]
  if (stream === undefined || status === undefined) return undefined
  return { state: status.state, restarts: status.restarts, packets: stream.packets }
}

/** A camera in `/api/config`. */
export const clientConfigOf = ({
  config,
  camera,
  snapshots: pictures,
  audio,
}: CameraPart): ConfigFacts['cameras'][number] => ({
  ...config,
  hasAudio: audio.stream !== undefined,
  hasSnapshot: pictures.obstacle === undefined && camera.status().state === 'live',
})

/** A camera in `/api/cameras`. */
export const adminCameraOf = (
  part: CameraPart,
  viewers: number,
  pushes: readonly PushView[],
  rtspUrl: string | undefined,
): AdminCamera => ({
  config: part.config,
  rtspUrl,
  health: healthOf(part, viewers, pushes),
  restart: () => part.camera.restart(),
})

/** A camera and its viewers in `/metrics`. */
export function metricsOf(
  part: CameraPart,
  viewers: number,
  viewerStats: CameraViewers,
  pushes: readonly PushView[],
  publication: CameraMetrics['publication'],
): CameraMetrics {
  const { stream, camera } = part
  const { state, restarts, restartsByCause } = camera.status()
  const { requested, answers, answerSumMs } = stream.keyframeRequests
  return {
    state,
    restarts,
    restartsByCause,
    packets: stream.packets,
    frames: stream.frames,
    warnings: [...new Set(warningsOf(part).map(({ cause }) => cause))],
    captureDelayMs: stream.captureDelayMs,
    keyframes: stream.keyframes,
    keyframeRequests: requested,
    keyframeAnswers: answers,
    keyframeAnswerSumMs: answerSumMs,
    viewers,
    pushes,
    publication,
    audio: audioFactsOf(part),
    ...summarise(viewerStats),
  }
}

/** Packet counts along a camera's path. @param waitingBytes of the kernel's receive queues, by port. */
export const progressOf = (
  { stream, camera, config }: CameraPart,
  viewers: ReadonlyMap<string, ViewerStats>,
  waitingBytes: ReadonlyMap<number, number>,
): CameraProgress => ({
  minFps: isExternal(config.device) ? 1 : config.fps.min,
  isLive: camera.status().state === 'live',
  waitingBytes: waitingBytes.get(stream.rtpPort),
  datagrams: stream.datagrams,
  packets: stream.packets,
  fannedOut: stream.fanout.packets,
  viewers: Array.from(viewers, ([id, { packets, congested }]) => ({ id, packets, isCongested: congested })),
})
