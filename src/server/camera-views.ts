import type { CameraState } from '../signalling/websocket-messages.js'
import type { CameraStatus } from '../camera/capture/status.js'
import type { StreamOfCamera } from '../viewer/registry.js'
import type { CameraPart } from './camera.js'
import type { SignallingCamera } from '../signalling/websocket.js'
import type { CameraHealth } from '../http/routes/health.js'
import type { ConfigFacts } from '../http/routes/client-config.js'
import type { AdminCamera } from '../http/routes/admin.js'
import type { CameraMetrics } from '../http/routes/metrics.js'
import { type CameraViewers, summarise, type ViewerStats } from '../viewer/stats/stats.js'
import type { CameraProgress } from '../systemd/stall-check.js'

/** What viewers are given of a camera. */
export const viewerSourceOf = (part: CameraPart): StreamOfCamera => ({
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
export const signallingCameraOf = ({
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
export const clientConfigOf = ({
  config,
  camera,
  snapshots: pictures,
}: CameraPart): ConfigFacts['cameras'][number] => ({
  ...config,
  hasSnapshot: pictures.obstacle === undefined && camera.status().state === 'live',
})

/** What a script may ask of a camera and do with it. */
export const adminCameraOf = (part: CameraPart, viewers: number): AdminCamera => ({
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
export const progressOf = (
  { stream, camera }: CameraPart,
  viewers: ReadonlyMap<string, ViewerStats>,
  waitingBytes: ReadonlyMap<number, number>,
): CameraProgress => ({
  isLive: camera.status().state === 'live',
  waitingBytes: waitingBytes.get(stream.rtpPort),
  datagrams: stream.datagrams,
  packets: stream.packets,
  fannedOut: stream.fanout.packets,
  viewers: Array.from(viewers, ([id, { packets, congested }]) => ({ id, packets, isCongested: congested })),
})
