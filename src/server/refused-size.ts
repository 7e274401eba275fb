import type { CameraFailure } from '../camera/camera-failure.js'
import { listNearestSizes } from '../camera/devices/nearest-sizes.js'
import { isMjpeg } from '../camera/gstreamer/source.js'
import type { Size } from '../camera/sensors/sensor.js'
import type { CameraConfig } from '../config/types.js'
import type { Env } from '../lib/env.js'

/** Asks a USB camera for its sizes, once, after it refused the configured one. */
export interface RefusedSize {
  /** Empty until the camera was asked. */
  sizes(): readonly Size[]
  failed(failure: Pick<CameraFailure, 'cause'>): void
  /** Called before a start, while no process holds the camera. */
  ask(): Promise<void>
}

export function createRefusedSize(camera: CameraConfig, env: Env): RefusedSize {
  let sizes: readonly Size[] = []
  let state: 'idle' | 'refused' | 'asked' = 'idle'
  return {
    sizes: () => sizes,
    failed({ cause }) {
      if (cause === 'not-negotiated' && state === 'idle') state = 'refused'
    },
    async ask() {
      const { device, width, height, fps } = camera
      if (state !== 'refused' || device.kind !== 'v4l2') return
      state = 'asked'
      const formatOf = (size: Size) => (isMjpeg({ ...camera, ...size }) ? 'mjpeg' : 'raw')
      sizes = await listNearestSizes(device.path, { width, height, fps: fps.max, formatOf }, env)
    },
  }
}
