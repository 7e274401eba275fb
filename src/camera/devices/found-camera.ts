import type { Sensor } from '../sensors/sensor.js'
import type { VideoMode } from './video-modes.js'

export interface FoundCamera {
  kind: 'libcamera' | 'v4l2'
  /** The value for `device` in the configuration. */
  device: string
  name: string
  modes?: VideoMode[]
  /** Of a camera module whose sensor is known. */
  sensor?: Sensor
}
