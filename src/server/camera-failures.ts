import type { CameraFailure } from '../camera/camera-failure.js'
import type { FailedCamera } from '../camera/devices/failure-facts.js'
import { chooseEncoder } from '../camera/gstreamer/encoder.js'
import { wantedMode } from '../camera/gstreamer/wanted-mode.js'
import type { Machine } from '../camera/gstreamer/machine.js'
import type { CameraConfig } from '../config/types.js'

/** What the list of cameras is compared with after a failure. */
export function failedCamera({
  config,
  machine,
}: {
  config: CameraConfig
  machine: Machine
}): FailedCamera | undefined {
  const { device } = config
  if (device.kind !== 'libcamera' && device.kind !== 'v4l2') return undefined
  const encoder = chooseEncoder(config, machine)
  return { device, wanted: wantedMode(config), encoder: 'element' in encoder ? encoder.element : undefined }
}

export const controlRefused = (message: string): CameraFailure => ({
  cause: 'control-refused',
  message,
  hint: 'GET /api/cameras/KEY/controls lists what the camera has.',
})

export const hdrUnavailable = (message: string): CameraFailure => ({
  cause: 'hdr-unavailable',
  message,
  hint: 'Only a Camera Module 3 has HDR; v4l2-ctl (v4l-utils) sets it. Otherwise write hdr = false.',
})
