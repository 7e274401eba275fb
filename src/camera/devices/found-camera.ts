import type { Sensor } from '../sensors/sensor.js'
import type { VideoMode } from './video-modes.js'

export interface FoundCamera {
  kind: 'libcamera' | 'v4l2'
  /** The value for `device` in the configuration. */
  device: string
  name: string
  /** `/dev/videoN` of a V4L2 camera: its number can change at the next restart. */
  node?: string
  modes?: VideoMode[]
  /** Of a camera module whose sensor is known. */
  sensor?: Sensor
}

/** A `/dev/videoN` that is no camera to open. */
export interface RefusedNode {
  node: string
  name: string
  why: RefusalReason
  /** The rest of a sentence that begins with the node. */
  detail: string
  hint: string
  /** The node of the same camera that has the picture. */
  picture?: string
  /** What it delivers, if it could be opened all the same. */
  modes?: VideoMode[]
}

export type RefusalReason =
  | 'codec'
  | 'output'
  | 'metadata'
  | 'processor'
  | 'sensor'
  | 'other'
  | 'idle-loopback'
  | 'closed'
  | 'no-usable-format'
  | 'second-node'
