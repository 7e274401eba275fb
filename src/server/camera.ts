import { setMaxListeners } from 'node:events'
import { captureCommand } from '../camera/gstreamer/command.js'
import { createDemand, type Demand } from '../camera/capture/demand.js'
import { chooseEncoder } from '../camera/gstreamer/encoder.js'
import { watchExternal } from '../camera/capture/external-rtp.js'
import type { StartQueue } from '../camera/capture/start-queue.js'
import type { Machine } from '../camera/gstreamer/machine.js'
import { createSnapshotReader } from '../camera/snapshots/reader.js'
import { snapshotObstacle, createSnapshots, type CameraSnapshots } from '../camera/snapshots/snapshots.js'
import { PAYLOAD_TYPE, ssrcOf } from '../camera/gstreamer/pipeline.js'
import { preferredIngestPorts } from '../camera/gstreamer/ports.js'
import type { Camera } from '../camera/capture/status.js'
import { superviseCamera } from '../camera/capture/supervisor.js'
import type { CameraConfig } from '../config/types.js'
import { Scope } from '../lib/scope.js'
import { openRtpStream, type RtpStream } from '../rtp/stream.js'
import type { ServerEnvironment } from './environment.js'

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
  readonly snapshots: CameraSnapshots
  readonly demand: Demand
  /** Aborted, with why, when this camera is no more; its clients are told. */
  readonly over: AbortSignal
  /** Other settings of the same stream. @param restart whether they need another process; the viewers stay. */
  apply(settings: CameraSettings, restart: boolean): void
  /** Ends its clients. @param why is told to them. */
  end(why: CameraEndReason): void
}

export type CameraEndReason = 'camera-removed' | 'camera-changed'

/**
 * The picture's way in: a socket pair for its packets, then the process that sends them.
 * @throws Error when the port on which another program's packets are to come is taken.
 */
export async function startCamera(
  first: CameraSettings,
  gate: StartQueue,
  { env, debug, log: logOf }: ServerEnvironment,
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
  const feed = createSnapshotReader(log)
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
          snapshots: feed,
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
  const obstacle = snapshotObstacle(first.config, first.machine)
  const ending = new AbortController()
  setMaxListeners(0, ending.signal) // each WebSocket and each MJPEG reader listens, and leaves with its client
  const pictures = createSnapshots({ key, camera, feed, demand, obstacle, over: ending.signal })
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
    snapshots: pictures,
    demand,
    over: ending.signal,
    apply(next, restart) {
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
