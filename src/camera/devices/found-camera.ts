import type { VideoMode } from './video-modes.js'

export interface FoundCamera {
  kind: 'libcamera' | 'v4l2'
  /** The value for `device` in the configuration. */
  device: string
  name: string
  modes?: VideoMode[]
}
