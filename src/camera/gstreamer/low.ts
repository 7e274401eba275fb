import { HARDWARE_LIMITS } from '../../config/encoders.js'
import { isExternal } from '../../config/device.js'
import { autoLowSize, type LowSize } from '../../config/low-size.js'
import type { CameraConfig } from '../../config/types.js'
import type { CameraFailure } from '../camera-failure.js'
import { chooseEncoder, type Encoder } from './encoder.js'
import type { Machine } from './machine.js'
import { aptInstall } from './packages.js'
import { isPassthrough } from './passthrough.js'

/**
 * Where the frames of the small size come from. `second-pad`: from a camera module, whose hardware scales. `scaler`: from those of the
 * large size. `off`: the camera has one size.
 */
export const LOW_STEPS = ['second-pad', 'scaler', 'off'] as const
export type LowStep = (typeof LOW_STEPS)[number]

/** Below this, "auto" leaves the cores to the first encoder. */
const MIN_CORES = 4

/** The small size of a camera on this machine, or why it has none: undefined if none is configured. */
export function lowSizeOf(camera: CameraConfig, machine: Machine): LowSize | CameraFailure | undefined {
  const { low } = camera
  if (low === false || isExternal(camera.device)) return undefined
  if (isPassthrough(camera)) return off("the camera's own H.264 is passed through", 'Write low = false.')
  const missing = ['tee', 'videorate', 'videoscale'].filter((element) => !machine.elements.has(element))
  if (missing.length > 0)
    return off(
      `GStreamer has no ${missing.join(' and no ')}`,
      `${aptInstall(missing)}, then restart rpi-webrtc.`,
    )
  // A size that the camera has in place of the configured one may be as small.
  if (low !== 'auto')
    return low.width < camera.width && low.height < camera.height
      ? low
      : off(`${camera.width}x${camera.height} is no larger`, 'Write low = "auto".')
  const size = autoLowSize(camera)
  if (size === undefined)
    return off(
      `${camera.width}x${camera.height} is small already`,
      'A size such as low = "160x120@15" is encoded in any case.',
    )
  const encoder = chooseEncoder(camera, machine)
  const isHardware = 'element' in encoder && encoder.element === 'v4l2h264enc'
  if (isHardware || machine.cores >= MIN_CORES) return size
  return off(
    `it is encoded in software, and this machine has fewer than ${MIN_CORES} cores`,
    `To encode it nevertheless, write low = "${size.width}x${size.height}@${size.fps}".`,
  )
}

/** The ways to the small size, best first; the last one is always `off`. Empty if there is none. */
export function lowStepsOf(camera: CameraConfig, machine: Machine): LowStep[] {
  const size = lowSizeOf(camera, machine)
  if (size === undefined || 'cause' in size) return []
  return camera.device.kind === 'libcamera' ? [...LOW_STEPS] : ['scaler', 'off']
}

/** A camera's settings for its small size. */
export function lowCamera(camera: CameraConfig, { width, height, fps }: LowSize): CameraConfig {
  const share = fps / camera.fps.max
  return {
    ...camera,
    width,
    height,
    fps: { min: fps, max: fps },
    bitrate: lowBitrate(camera, width * height * fps),
    keyframeInterval: Math.max(1, Math.round(camera.keyframeInterval * share)),
  }
}

/** Bits for each pixel: 320x240@15 gets 290 kbit/s, for which a path of 500 kbit/s has room. */
const BITS_PER_PIXEL = 0.25
const MIN_BITRATE = 100_000

const lowBitrate = ({ bitrate }: CameraConfig, pixelsPerSecond: number): number =>
  Math.round(Math.min(bitrate / 2, Math.max(MIN_BITRATE, pixelsPerSecond * BITS_PER_PIXEL)))

/** Of the kind of the first, unless that cannot encode so few frames. */
export function lowEncoder(low: CameraConfig, machine: Machine): Encoder | CameraFailure {
  const isTooSlow = low.encoder === 'v4l2h264enc' && low.fps.min < HARDWARE_LIMITS.minFps
  return chooseEncoder(isTooSlow ? { ...low, encoder: 'auto' } : low, machine)
}

const off = (why: string, hint: string): CameraFailure => ({
  cause: 'one-size',
  message: `The camera has no small size: ${why}.`,
  hint,
})
