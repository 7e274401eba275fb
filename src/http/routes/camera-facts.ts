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

/** The settings of a camera that /api/config and /api/cameras share. */
export type CameraSettings = Pick<
  CameraConfig,
  'key' | 'name' | 'codec' | 'width' | 'height' | 'fps' | 'bitrate' | 'webrtcPort'
>
