import type { CameraFailure } from '../camera/camera-failure.js'
import type { Camera } from '../camera/capture/status.js'
import { findFullSize } from '../camera/devices/full-size.js'
import { fullSnapshotCommand } from '../camera/gstreamer/full-snapshot.js'
import type { Machine } from '../camera/gstreamer/machine.js'
import { captureFullSize, unknownFullSize } from '../camera/snapshots/full-size.js'
import type { Snapshot } from '../camera/snapshots/reader.js'
import type { CameraConfig } from '../config/types.js'
import type { ServerEnvironment } from './environment.js'

/**
 * A snapshot with the largest size of a camera. libcamerasrc adds no stream while it runs, and a second stream of full size
 * from the start would hold 70 MB of CMA for a 12-megapixel sensor, so the video pauses.
 * @returns undefined if the video has that size already, so an ordinary snapshot will do.
 */
export async function captureFullSnapshot(
  { config, machine }: { config: CameraConfig; machine: Machine },
  camera: Pick<Camera, 'pause'>,
  { env, debug }: Pick<ServerEnvironment, 'env' | 'debug'>,
): Promise<Snapshot | CameraFailure | undefined> {
  const { device } = config
  if (device.kind !== 'libcamera' && device.kind !== 'v4l2') return undefined
  const size = await findFullSize(device, env)
  if (size === undefined) return unknownFullSize(device.kind)
  if (size.width === config.width && size.height === config.height) return undefined
  const command = fullSnapshotCommand({ camera: config, size, machine, env, debug })
  return 'cause' in command ? command : await captureFullSize(camera, command)
}
