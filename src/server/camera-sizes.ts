import { listV4l2Modes } from '../camera/devices/list-v4l2-modes.js'
import { offeredSizes, sizesOfSensor, type OfferedSize } from '../camera/devices/offered-sizes.js'
import { sensorOf } from '../camera/gstreamer/field-of-view.js'
import { wantedMode } from '../camera/gstreamer/wanted-mode.js'
import { libcameraMode } from '../camera/sensors/mode-choice.js'
import type { CameraConfig } from '../config/types.js'
import { createSharedRun } from '../lib/shared-run.js'
import type { CameraPart } from './camera-part.js'
import type { ServerEnvironment } from './environment.js'

/** A page asks when a camera is opened; the answer changes only when something is plugged in. */
const KEEP_MS = 5000
const LIMIT_MS = 5000

/** What this file needs of a camera. */
type SizedCamera = Pick<CameraPart, 'config' | 'deviceInUse'>

/** Sizes and rates that a camera delivers; none if they are not known, or if it has any, as a test picture. */
export type CameraSizes = (camera: SizedCamera) => Promise<OfferedSize[]>

/** Camera modules are not asked, because they are in use: their sensor is known. V4L2 cameras answer while they are in use. */
export function createCameraSizes({ env, machine }: Pick<ServerEnvironment, 'env' | 'machine'>): CameraSizes {
  /** One program at a time for each camera, however many pages ask. */
  const runs = new WeakMap<CameraConfig, ReturnType<typeof createSharedRun<OfferedSize[]>>>()
  const askV4l2 = async (path: string, config: CameraConfig): Promise<OfferedSize[]> =>
    offeredSizes(await listV4l2Modes(path, env, LIMIT_MS), (size, rate) => {
      const fps = rate === undefined ? config.fps : { min: rate, max: rate }
      return wantedMode({ ...config, ...size, fps }).format
    })
  return async ({ config, deviceInUse }) => {
    const { device } = config
    if (device.kind === 'libcamera') {
      const sensor = sensorOf({ device: { ...device, name: deviceInUse ?? device.name } }, machine)
      return sensor === undefined ? [] : sizesOfSensor(sensor, (video) => libcameraMode(sensor, video))
    }
    if (device.kind !== 'v4l2') return []
    const run = runs.get(config) ?? createSharedRun(async () => await askV4l2(device.path, config), KEEP_MS)
    runs.set(config, run)
    return (await run()).value
  }
}
