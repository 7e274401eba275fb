import type { CameraConfig } from '../../config/types.js'
import type { CameraFailure } from '../camera-failure.js'
import type { Size } from '../sensors/sensor.js'
import { chooseEncoder } from './encoder.js'
import { viewsOf, type View, type ViewStep } from './field-of-view.js'
import { lowStepsOf, type LowStep } from './low.js'
import type { Machine } from './machine.js'

/** The settings of one attempt that a driver may refuse: one rung of the ladder in `capture/ladder.ts`. */
export interface Rung {
  /** Undefined for a camera that is no camera module. */
  view: ViewStep | undefined
  /** Whether the encoder imports the frames of the camera instead of copying them. */
  dmabufImport: boolean
  /** Whether the hardware encoder may be used. */
  hardware: boolean
  /** Whether the frames of a libcamera camera are converted, because it has none in the format of the encoder. */
  convert?: boolean
  /** A size that the camera has, in place of the configured one. */
  size?: Size
  /** Where the frames of the small size come from; undefined if none is configured. */
  low?: LowStep
}

/** What a camera can do on this machine: the first of each is tried first. */
export interface Rungs {
  first: Rung
  views: readonly View[]
  /** Whether a software encoder can replace the hardware encoder. */
  hasSoftware: boolean
  /** Whether frames in another format can be converted. */
  canConvert: boolean
  /** The ways to the small size, best first; empty if there is none. */
  lows: readonly LowStep[]
}

/** libcamera has two outputs: the second one shows either the field of view or the small size. */
export const canCombine = ({
  view,
  low,
  convert,
}: {
  view: ViewStep | undefined
  low: LowStep | undefined
  convert?: boolean
}): boolean => low !== 'second-pad' || (view !== 'second-pad' && convert !== true)

export function rungsOf(camera: CameraConfig, machine: Machine): Rungs | CameraFailure {
  const views = viewsOf(camera, machine)
  if ('cause' in views) return views
  const encoder = chooseEncoder(camera, machine)
  if ('cause' in encoder) return encoder
  const hardware = encoder.element === 'v4l2h264enc'
  const software =
    hardware && camera.encoder === 'auto' ? chooseEncoder(camera, withoutHardware(machine)) : encoder
  const view = views[0]?.step
  const lows = lowStepsOf(camera, machine)
  const low = lows.find((step) => canCombine({ view, low: step }))
  return {
    first: {
      view,
      dmabufImport: hardware && canImport(camera),
      hardware: true,
      ...(low === undefined ? {} : { low }),
    },
    lows,
    views,
    hasSoftware: hardware && camera.encoder === 'auto' && !('cause' in software),
    canConvert: camera.device.kind === 'libcamera' && machine.elements.has('videoconvert'),
  }
}

/** videoflip makes frames of its own, which are no DMA buffers; only libcamerasrc delivers these at all. */
const canImport = ({ dmabufImport, device, flipMethod }: CameraConfig): boolean =>
  dmabufImport && device.kind === 'libcamera' && (flipMethod === 'none' || flipMethod === 'identity')

/** The view of this rung; another size may have other ways to it. */
export const viewOf = ({ views }: Rungs, { view }: Rung): View | undefined =>
  views.find(({ step }) => step === view) ?? views.at(-1)

export const withoutHardware = (machine: Machine): Machine => ({
  ...machine,
  elements: new Set([...machine.elements].filter((element) => element !== 'v4l2h264enc')),
})

/** The camera and the machine as an attempt sees them. */
export function onRung(
  { size, hardware }: Rung,
  camera: CameraConfig,
  machine: Machine,
): { camera: CameraConfig; machine: Machine } {
  return {
    camera: size === undefined ? camera : { ...camera, ...size },
    machine: hardware ? machine : withoutHardware(machine),
  }
}
