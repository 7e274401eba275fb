import type { CameraConfig } from '../../config/types.js'
import { frameRateText } from '../../config/frame-rate.js'
import { lowSizeText } from '../../config/low-size.js'
import type { Log } from '../../log.js'
import type { CameraFailure } from '../camera-failure.js'
import type { View } from '../gstreamer/field-of-view.js'
import type { Machine } from '../gstreamer/machine.js'
import { onRung, rungsOf, viewOf, type Rung, type Rungs } from '../gstreamer/rung.js'
import { sizeText, type Size } from '../sensors/sensor.js'
import type { FallbackKey } from './fallback-file.js'
import type { FallbackMemory } from './fallback-memory.js'
import { Ladder } from './ladder.js'
import type { Suspect } from './suspects.js'

/** What a supervisor reports of its attempts. */
export interface AttemptObserver {
  /** The first frames of an attempt arrived. */
  delivered(): void
  /**
   * An attempt ended without frames.
   * @returns whether the next one differs and need not wait.
   */
  failed(failure: CameraFailure, stderr: readonly string[]): boolean
}

/** The settings of a camera that are in use, and those that were given up. */
export interface Fallback extends AttemptObserver {
  /** Undefined if the configuration itself is refused: captureCommand() reports it. */
  readonly rung: Rung | undefined
  /** What a camera module shows; undefined for another camera. */
  readonly view: View | undefined
  /** Sentences: what was given up, and why. */
  readonly losses: readonly string[]
}

export interface FallbackOptions {
  camera: CameraConfig
  machine: Machine
  memory: FallbackMemory
  /** Sizes that the camera has, nearest to the configured one first. */
  sizes?: () => readonly Size[]
  log: Log
}

/** Follows the attempts to start one camera, and gives up what its drivers refuse. */
export function createFallback({
  camera,
  machine,
  memory,
  log,
  sizes = () => [],
}: FallbackOptions): Fallback {
  const rungs = rungsOf(camera, machine)
  if ('cause' in rungs)
    return { rung: undefined, view: undefined, losses: [], delivered: () => {}, failed: () => false }
  const key = keyOf(camera, machine)
  const recalled = memory.recall(key)
  const ladder = new Ladder({
    first: rungs.first,
    views: rungs.views.map(({ step }) => step),
    hasSoftware: rungs.hasSoftware,
    canConvert: rungs.canConvert,
    lows: rungs.lows,
    sizes,
    remembered: recalled && isPossible(recalled.rung, rungs) ? recalled.rung : undefined,
  })
  const logged = new Set<string>()
  let because = recalled?.because ?? 'unknown'

  const currentView = (): View | undefined => {
    const sized = onRung(ladder.rung, camera, machine)
    const own = ladder.rung.size === undefined ? rungs : rungsOf(sized.camera, machine)
    return 'cause' in own ? undefined : viewOf(own, ladder.rung)
  }
  const logOnce = (message: string, fields?: Record<string, unknown>): void => {
    if (logged.has(message)) return
    logged.add(message)
    log.warn(message, fields)
  }

  if (!ladder.isFirst)
    for (const loss of lossesOf(ladder.rung, rungs.first, currentView()))
      log.info(`${loss}, as in an earlier run`, { cause: because })
  return {
    get rung() {
      return ladder.rung
    },
    get view() {
      return currentView()
    },
    get losses() {
      return ladder.isFirst ? [] : lossesOf(ladder.rung, rungs.first, currentView())
    },
    delivered() {
      ladder.delivered()
      if (ladder.isFirst) memory.forget(key)
      else memory.remember(key, ladder.rung, because)
    },
    failed(failure, stderr) {
      const given = ladder.failed(failure, stderr)
      if (given === undefined) return false
      because = failure.cause
      logOnce(sentenceOf(given, ladder.rung, currentView()), { cause: failure.cause })
      return true
    },
  }
}

const keyOf = (camera: CameraConfig, machine: Machine): FallbackKey => ({
  camera: nameOf(camera),
  libcamera: camera.device.kind === 'libcamera' ? (machine.libcamera ?? '') : '',
  gstreamer: machine.gstreamer,
  settings: [
    `${sizeText(camera)}@${frameRateText(camera.fps)}`,
    camera.codec,
    camera.encoder,
    typeof camera.fieldOfView === 'object' ? sizeText(camera.fieldOfView) : camera.fieldOfView,
    camera.dmabufImport ? 'zero-copy' : '',
    camera.low === false ? '' : `low ${camera.low === 'auto' ? 'auto' : lowSizeText(camera.low)}`,
  ]
    .filter((part) => part !== '')
    .join(' ')
    .trim(),
})

function nameOf({ device }: CameraConfig): string {
  switch (device.kind) {
    case 'libcamera':
      return device.name
    case 'v4l2':
      return device.path
    case 'test':
      return `test:${device.pattern}`
    case 'rtp':
      return `rtp:${device.port}`
    case 'whip':
      return 'whip'
  }
}

/** A rung of another configuration, or of a file that was edited, may not exist here. */
const isPossible = (
  { view, dmabufImport, hardware, convert, low }: Rung,
  { first, views, hasSoftware, canConvert, lows }: Rungs,
): boolean =>
  (low === undefined ? lows.length === 0 : lows.includes(low)) &&
  (view === undefined ? views.length === 0 : views.some(({ step }) => step === view)) &&
  (!dmabufImport || first.dmabufImport) &&
  (hardware || hasSoftware) &&
  (convert !== true || canConvert)

const percent = (share: number): string => `${Math.round(share * 100)} %`

const shown = (view: View | undefined): string =>
  view?.share === undefined ? '' : `: the video shows ${percent(view.share.width)} of the scene's width`

function sentenceOf(suspect: Suspect, rung: Rung, view: View | undefined): string {
  switch (suspect) {
    case 'low':
      return rung.low === 'scaler'
        ? 'the camera gives no second, smaller output; trying to scale its frames'
        : 'trying without the small size'
    case 'field-of-view':
      return rung.view === 'second-pad'
        ? `the sensor mode cannot be selected by name; trying a second stream${shown(view)}`
        : `the sensor mode cannot be selected; libcamera decides${shown(view)}`
    case 'zero-copy':
      return 'the hardware encoder does not import the frames; they are copied'
    case 'format':
      return 'libcamera has no frames in the format of the encoder; trying to convert them'
    case 'encoder':
      return 'the hardware encoder does not start; trying to encode in software'
    case 'size':
      return `the configured size is refused; trying ${rung.size === undefined ? 'it again' : sizeText(rung.size)}`
  }
}

function lossesOf(rung: Rung, first: Rung, view: View | undefined): string[] {
  return [
    ...(rung.view === first.view
      ? []
      : [`the field of view is set by ${rung.view ?? 'plain'}${shown(view)}`]),
    ...(rung.low === first.low
      ? []
      : [rung.low === 'scaler' ? 'the small size is scaled in software' : 'the camera has no small size']),
    ...(rung.dmabufImport === first.dmabufImport ? [] : ['frames are copied to the encoder']),
    ...(rung.convert === true ? ['frames are converted to the format of the encoder'] : []),
    ...(rung.hardware ? [] : ['video is encoded in software']),
    ...(rung.size === undefined ? [] : [`the video has ${sizeText(rung.size)}`]),
  ]
}
