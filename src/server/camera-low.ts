import { cpus } from 'node:os'
import type { CameraFailure } from '../camera/camera-failure.js'
import { LowLoad } from '../camera/capture/low-load.js'
import { lowSizeOf, type LowStep } from '../camera/gstreamer/low.js'
import type { Machine } from '../camera/gstreamer/machine.js'
import type { IngestPorts } from '../camera/gstreamer/ports.js'
import { lowSizeText } from '../config/low-size.js'
import type { CameraConfig } from '../config/types.js'
import type { Log } from '../log.js'
import type { RtpStream } from '../rtp/stream.js'
import type { UdpBatches } from '../udp/udp-batches.js'
import type { CameraStream } from '../viewer/media/source.js'
import { openLowStream } from './camera-stream.js'

const LOAD_INTERVAL_MS = 5000
/** What kept the machine busy may be over; but a capture process is not started again for this. */
const TRY_AGAIN_MS = 600_000

/** The small size of one camera. */
export interface CameraLow extends AsyncDisposable {
  /** As viewers' sessions use it: the same object as long as it is encoded; undefined without it. */
  readonly source: CameraStream | undefined
  /** Why there is none, if that is not as configured. */
  readonly warning: CameraFailure | undefined
  /** For the next capture process. @param step how it is to be made; undefined or `off` for one without. */
  portsForStart(config: CameraConfig, step: LowStep | undefined): Promise<IngestPorts | undefined>
  /** The capture process starts. */
  expectNewSender(): void
  /** Other settings: it is tried again if it was given up. */
  configured(config: CameraConfig, machine: Machine): void
}

export interface CameraLowOptions {
  config: CameraConfig
  machine: Machine
  large: RtpStream
  /** Whether the capture process runs and delivers. */
  isLive: () => boolean
  /** Starts the capture process again. */
  restart: () => void
  keyframesOnDemand: () => boolean
  batches: UdpBatches
  log: Log
}

/** Opens its sockets when a capture process is to send it, and gives it up if the machine cannot carry it. */
export function createCameraLow(options: CameraLowOptions): CameraLow {
  const { large, log } = options
  let stream: RtpStream | undefined
  let source: CameraStream | undefined
  let isTooCostly = false
  let gaveUpAtMs = 0
  let obstacle: CameraFailure | undefined
  let load: Disposable | undefined

  const close = async (): Promise<void> => {
    load?.[Symbol.dispose]()
    source = load = undefined
    const closing = stream
    stream = undefined
    await closing?.[Symbol.asyncDispose]()
  }
  const giveUp = (): void => {
    isTooCostly = true
    gaveUpAtMs = performance.now()
    log.warn(TOO_COSTLY.message, { cause: TOO_COSTLY.cause, hint: TOO_COSTLY.hint })
    options.restart()
  }
  const configured = (config: CameraConfig, machine: Machine): void => {
    isTooCostly = false
    const size = lowSizeOf(config, machine)
    obstacle = size !== undefined && 'cause' in size ? size : undefined
    if (obstacle !== undefined) {
      const { message, hint } = obstacle
      if (config.low === 'auto') log.info(message, { hint })
      else log.warn(message, { hint })
      // With "auto" that is as configured.
      if (config.low === 'auto') obstacle = undefined
    } else if (size !== undefined && 'width' in size) log.info(`the small size is ${lowSizeText(size)}`)
  }
  configured(options.config, options.machine)

  return {
    get source() {
      return source
    },
    get warning() {
      return isTooCostly ? TOO_COSTLY : obstacle
    },
    configured,
    async portsForStart(config, step) {
      if (performance.now() - gaveUpAtMs > TRY_AGAIN_MS) isTooCostly = false
      if (step === undefined || step === 'off' || isTooCostly) {
        await close()
        return undefined
      }
      stream ??= await openLowStream(config, large, options)
      const ports = await stream.portsForStart()
      source ??= sourceOf(stream, options.keyframesOnDemand)
      load?.[Symbol.dispose]()
      load = watchLoad(large, config.fps.min, options.isLive, giveUp)
      return ports
    },
    expectNewSender: () => stream?.expectNewSender(),
    [Symbol.asyncDispose]: close,
  }
}

const sourceOf = (stream: RtpStream, keyframesOnDemand: () => boolean): CameraStream => ({
  fanout: stream.fanout,
  clock: stream.clock,
  get keyframesOnDemand() {
    return keyframesOnDemand()
  },
  requestKeyframe: () => stream.requestKeyframe(),
  watch: () => stream.watch(),
})

/** Calls back once, when the machine cannot carry both sizes. */
function watchLoad(
  large: Pick<RtpStream, 'frames'>,
  minFps: number,
  isLive: () => boolean,
  onTooMuch: () => void,
): Disposable {
  const decision = new LowLoad(minFps)
  let before: { atMs: number; frames: number; idleMs: number; totalMs: number } | undefined
  const timer = setInterval(() => {
    const now = { atMs: performance.now(), frames: large.frames, ...processorTimes() }
    const last = before
    before = isLive() ? now : undefined
    if (last === undefined || before === undefined) return
    const fps = ((now.frames - last.frames) * 1000) / (now.atMs - last.atMs)
    const idleFraction = (now.idleMs - last.idleMs) / Math.max(1, now.totalMs - last.totalMs)
    if (!decision.isTooMuch({ fps, idleFraction })) return
    clearInterval(timer)
    onTooMuch()
  }, LOAD_INTERVAL_MS).unref()
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

function processorTimes(): { idleMs: number; totalMs: number } {
  let [idleMs, totalMs] = [0, 0]
  for (const { times } of cpus()) {
    idleMs += times.idle
    totalMs += times.user + times.nice + times.sys + times.irq + times.idle
  }
  return { idleMs, totalMs }
}

const TOO_COSTLY: CameraFailure = {
  cause: 'low-too-costly',
  message:
    'The small size is switched off: with it this machine does not encode all frames of the large one.',
  hint: 'Write low = false, or a smaller size or frame rate; it is tried again with the next start of the camera after ten minutes, and after a change of the configuration.',
}
