import type { CameraConfig } from '../../config/types.js'

export const captureStates = ['starting', 'live', 'lost', 'idle'] as const

/** The numbers of a camera that /health, /api/cameras and /metrics share. */
export interface CameraFacts {
  state: (typeof captureStates)[number]
  restarts: number
  /** Only causes that occurred. */
  restartsByCause: Readonly<Record<string, number>>
  /** Viewers that hold a slot. */
  viewers: number
  /** RTP packets and keyframes received from the camera since the start. */
  packets: number
  keyframes: number
}

/** The sound of a camera that has some. */
export interface AudioFacts {
  state: (typeof captureStates)[number]
  restarts: number
  /** RTP packets received since the start. */
  packets: number
}

/** What a camera module shows of the scene. Unknown values are undefined. */
export interface FieldOfViewFacts {
  /** How the sensor mode is requested: `sensor-config`, `second-pad` or `plain`. */
  step: string
  /** The sensor mode, such as `1640x1232`. */
  mode: string | undefined
  widthPercent: number | undefined
  heightPercent: number | undefined
}

/** The settings of a camera that /api/config and /api/cameras share. */
export type CameraSettings = Pick<
  CameraConfig,
  'key' | 'name' | 'codec' | 'width' | 'height' | 'fps' | 'bitrate' | 'webrtcPort'
>
