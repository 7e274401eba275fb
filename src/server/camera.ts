import { setMaxListeners } from 'node:events'
import { isDeepStrictEqual } from 'node:util'
import { setSensorHdr } from '../camera/controls/sensor-hdr.js'
import { tuningFileObstacle } from '../camera/controls/tuning-file.js'
import { captureCommand } from '../camera/gstreamer/command.js'
import { createDemand } from '../camera/capture/demand.js'
import { createFallback, type Fallback } from '../camera/capture/fallback.js'
import { noMemory } from '../camera/capture/fallback-memory.js'
import { onRung } from '../camera/gstreamer/rung.js'
import { chooseEncoder } from '../camera/gstreamer/encoder.js'
import { overlayProblem } from '../camera/gstreamer/overlay.js'
import { judgeStream } from '../camera/capture/judge-stream.js'
import type { StartQueue } from '../camera/capture/start-queue.js'
import type { Machine } from '../camera/gstreamer/machine.js'
import { createSnapshotReader } from '../camera/snapshots/reader.js'
import { snapshotObstacle, createSnapshots } from '../camera/snapshots/snapshots.js'
import type { Camera } from '../camera/capture/status.js'
import { superviseCamera } from '../camera/capture/supervisor.js'
import { discoverCameras, listLibcamera } from '../camera/devices/discover.js'
import { createFailureFacts } from '../camera/devices/failure-facts.js'
import { frameRateNote } from '../camera/gstreamer/frame-rate-caps.js'
import { isExternal } from '../config/device.js'
import type { CameraConfig } from '../config/types.js'
import { Scope } from '../lib/scope.js'
import type { UdpBatches } from '../udp/udp-batches.js'
import { controlRefused, failedCamera, hdrUnavailable } from './camera-failures.js'
import { startCameraAudio } from './camera-audio.js'
import { createCameraControls, type StartingControls } from './camera-controls.js'
import { isInspected, openCameraStream, watchExternalCamera } from './camera-stream.js'
import { createCameraDevice, type DeviceLookup } from './camera-device.js'
import type { CameraPart, CameraSettings } from './camera-part.js'
import { createCameraLow } from './camera-low.js'
import { createRefusedSize } from './refused-size.js'
import type { ServerEnvironment } from './environment.js'
import { captureFullSnapshot } from './full-snapshot.js'
import type { Microphones } from './microphones.js'

/** Of each program that lists camera modules: shutdown waits for it. */
export const LIST_LIMIT_MS = 8000

/**
 * Opens the sockets for a camera's packets, then starts the process that sends them.
 * @throws Error when the port of an rtp:// camera is taken.
 */
export async function startCamera(
  first: CameraSettings,
  queue: StartQueue,
  lookup: DeviceLookup,
  microphones: Microphones,
  batches: UdpBatches,
  environment: ServerEnvironment,
): Promise<CameraPart> {
  const { env, debug, fallbacks = noMemory } = environment
  let settings = first
  const { key, device, codec } = first.config
  const log = environment.log(key)
  const external = isExternal(device)
  /** The device that the configured name leads to; undefined before it was looked up. */
  let resolvedDevice: CameraConfig['device'] | undefined
  const resolvedConfig = (): CameraConfig => ({
    ...settings.config,
    device: resolvedDevice ?? settings.config.device,
  })
  let refusedSize = createRefusedSize(settings.config, env)
  const fallbackOf = (machine: Machine): Fallback =>
    createFallback({
      camera: resolvedConfig(),
      machine,
      memory: fallbacks,
      sizes: () => refusedSize.sizes(),
      log,
    })
  let fallback = fallbackOf(settings.machine)
  const canRequestKeyframes = (): boolean => {
    const { rung } = fallback
    const { camera, machine } =
      rung === undefined
        ? { camera: settings.config, machine: settings.machine }
        : onRung(rung, settings.config, settings.machine)
    const encoder = external ? undefined : chooseEncoder(camera, machine)
    if (encoder === undefined || !('notes' in encoder)) return true
    // After a fallback the reason is logged by the fallback itself.
    if (rung?.hardware !== false) for (const note of encoder.notes) log.info(note)
    return encoder.keyframesOnDemand
  }
  const reportSettings = (): void => {
    const note = frameRateNote(settings.config)
    if (note !== undefined) log.warn(note)
    const found = external ? undefined : overlayProblem(settings.config, settings.machine)
    if (found !== undefined) log.warn(found.message, { hint: found.hint })
  }
  const closeAfterMs = (): number =>
    settings.config.onDemand && !external ? settings.config.onDemandCloseAfterMs : Infinity

  let hdrWarning: string | undefined
  const warnOfHdr = (warning: string | undefined): void => {
    if (warning !== undefined && warning !== hdrWarning) log.warn(warning)
    hdrWarning = warning
  }

  await using scope = new Scope()
  let keyframesOnDemand = canRequestKeyframes()
  reportSettings()
  const onKeyframeRequest = (): void => controls.requestKeyframe()
  const stream = scope.use(await openCameraStream(first.config, { onKeyframeRequest, batches, log }))
  const low = scope.use(
    createCameraLow({
      ...first,
      large: stream,
      isLive: () => camera.status().state === 'live',
      restart: () => camera.restart(),
      keyframesOnDemand: () => keyframesOnDemand,
      batches,
      log,
    }),
  )
  const reader = createSnapshotReader(log)
  const demand = createDemand(closeAfterMs())
  const found = createCameraDevice(key, lookup, log)
  scope.defer(() => found.release())
  let controls: StartingControls
  const controlsOf = (of: Camera): StartingControls => {
    const machine = (): Machine => settings.machine
    return createCameraControls({ config: resolvedConfig, machine, camera: of, demand, env, log })
  }
  const camera: Camera = scope.use(
    watchExternalCamera(first.config, stream, log) ??
      superviseCamera({
        command: async () => {
          const ports = await stream.portsForStart()
          await refusedSize.ask()
          const { config, ...rest } = settings
          const resolved = await found.find(config)
          if ('cause' in resolved) return resolved
          if (!isDeepStrictEqual(resolved.device, resolvedConfig().device)) {
            resolvedDevice = resolved.device
            fallback = fallbackOf(settings.machine)
          }
          const controlled = { ...resolved, controls: controls.forStart() }
          const obstacle = await tuningFileObstacle(config)
          if (obstacle !== undefined) return obstacle
          warnOfHdr(await setSensorHdr(resolved, env))
          const lowPorts = await low.portsForStart(controlled, fallback.rung?.low)
          const { rung } = fallback
          const options = { camera: controlled, ports, lowPorts, env, debug, ...rest }
          return captureCommand({ ...options, ...(rung && { rung }) })
        },
        attempts: {
          delivered: () => fallback.delivered(),
          failed: (failure, stderr) => {
            if (controls.isOnTrial) return false
            refusedSize.failed(failure)
            const isOther = fallback.failed(failure, stderr)
            if (isOther) keyframesOnDemand = canRequestKeyframes()
            return isOther
          },
        },
        reconsider: async (failure) => await found.reconsider(failure),
        packets: stream,
        verdict: () => {
          const { facts } = stream
          return facts && judgeStream(facts, { key, codec, port: undefined }, performance.now())
        },
        snapshots: reader,
        demand,
        startQueue: queue,
        log,
        debug,
        onStart: () => {
          stream.expectNewSender()
          low.expectNewSender()
        },
        addFacts: createFailureFacts({
          camera: () => failedCamera(settings),
          list: async (kind) =>
            kind === 'v4l2'
              ? await discoverCameras(env, { modules: false })
              : await listLibcamera(env, LIST_LIMIT_MS),
        }),
        get fps() {
          return settings.config.fps.min
        },
      }),
  )
  controls = controlsOf(camera)
  scope.defer(() => controls[Symbol.dispose]())
  const ending = new AbortController()
  setMaxListeners(0, ending.signal) // one listener per WebSocket and MJPEG reader
  const snapshots = createSnapshots({
    key,
    camera,
    reader,
    demand,
    get obstacle() {
      return snapshotObstacle(settings.config, settings.machine)
    },
    removed: ending.signal,
    full: async () => {
      const config = { ...resolvedConfig(), controls: controls.inForce }
      return await captureFullSnapshot({ ...settings, config }, camera, { env, debug })
    },
  })
  const audio = scope.use(await startCameraAudio(first, { microphones, batches, environment, log }))
  const running = scope.move()
  return {
    get config() {
      return settings.config
    },
    get deviceInUse() {
      return found.inUse
    },
    get picture() {
      return fallback
    },
    get keyframesOnDemand() {
      return keyframesOnDemand || controls.canRequestKeyframe
    },
    stream,
    audio,
    low,
    camera,
    snapshots,
    demand,
    get controls() {
      return controls
    },
    get warnings() {
      const { notes } = controls
      return [
        ...(low.warning === undefined ? [] : [low.warning]),
        ...(hdrWarning === undefined ? [] : [hdrUnavailable(hdrWarning)]),
        ...notes.map(controlRefused),
      ]
    },
    ended: ending.signal,
    controlsSaved(saved) {
      settings = { ...settings, config: { ...settings.config, controls: saved } }
    },
    apply(next, restart) {
      const before = settings.config
      if (!isDeepStrictEqual(next.config.device, settings.config.device)) {
        found.release()
        resolvedDevice = undefined
      }
      settings = restart ? next : { ...next, machine: settings.machine }
      audio.apply(next)
      if (isDeepStrictEqual(before.device, next.config.device))
        controls.reloaded(before.controls, next.config.controls)
      else {
        controls[Symbol.dispose]()
        controls = controlsOf(camera)
      }
      demand.keepFor(closeAfterMs())
      if (!restart) return
      refusedSize = createRefusedSize(settings.config, env)
      low.configured(settings.config, settings.machine)
      fallback = fallbackOf(settings.machine)
      keyframesOnDemand = canRequestKeyframes()
      reportSettings()
      stream.inspect(isInspected(next.config))
      camera.restart()
    },
    end: (reason) => ending.abort(reason),
    [Symbol.asyncDispose]: async () => await running[Symbol.asyncDispose](),
  }
}
