import type { VideoMode } from './video-modes.js'

export interface FoundCamera {
  kind: 'libcamera' | 'v4l2'
  /** The value for `device` in the configuration. */
  device: string
  /** Name of the sensor or the device. */
  name: string
  /** Native modes, if known. */
  modes?: VideoMode[]
}
