import type { CameraFailure } from '../camera/camera-failure.js'
import { SAME_CAMERA, type DeviceClaims } from '../camera/devices/device-claims.js'
import { aboutName } from '../camera/devices/find-module.js'
import { metadataFailure, type NodeFacts } from '../camera/devices/metadata-node.js'
import type { ModuleNames } from '../camera/devices/module-names.js'
import type { CameraConfig } from '../config/types.js'
import type { Log } from '../log.js'

/** What the cameras of one server share. */
export interface DeviceLookup {
  names: Pick<ModuleNames, 'find' | 'reportUnknown'>
  claims: DeviceClaims
  nodes: NodeFacts
}

/** The device that one camera of the configuration means on this machine. */
export interface CameraDevice {
  /** The camera with libcamera's name of its device, or why it may not start. */
  find(config: CameraConfig): Promise<CameraConfig | CameraFailure>
  /**
   * Called with the failure of a capture process.
   * @returns `retry` if the camera has another name, or a failure that explains more.
   */
  reconsider(failure: CameraFailure): Promise<CameraFailure | 'retry' | undefined>
  /** libcamera's name, if the configuration has another one. */
  readonly inUse: string | undefined
  /** Another camera may have the device. */
  release(): void
}

export function createCameraDevice(
  key: string,
  { names, claims, nodes }: DeviceLookup,
  log: Log,
): CameraDevice {
  /** The name of the last attempt, in the configuration and of libcamera. */
  let tried: { written: string; name: string } | undefined
  let logged: string | undefined
  let releases = 0

  async function findModule(config: CameraConfig, written: string): Promise<CameraConfig | CameraFailure> {
    const found = await names.find(written)
    if ('cause' in found) return found
    const text = found.how === 'exact' ? undefined : aboutName(written, found)
    if (text !== undefined && text !== logged) {
      if (found.how === 'short') log.info(text)
      else log.warn(text)
    }
    logged = text
    tried = { written, name: found.device }
    return { ...config, device: { kind: 'libcamera', name: found.device } }
  }

  /** @param from before the search: a camera that was released during it claims nothing. */
  const claimed = (id: string, written: string, config: CameraConfig, from: number) =>
    from === releases ? (claims.claim(key, id, written) ?? config) : config

  return {
    async find(config) {
      const { device } = config
      tried = undefined
      const from = releases
      if (device.kind === 'libcamera') {
        const found = await findModule(config, device.name)
        if ('cause' in found || found.device.kind !== 'libcamera') return found
        return claimed(found.device.name, device.name, found, from)
      }
      if (device.kind !== 'v4l2') return config
      const node = await nodes.resolve(device.path)
      if (node === undefined) return config // v4l2src explains what is missing
      return (await metadataFailure(device.path, nodes)) ?? claimed(node, device.path, config, from)
    },
    async reconsider(failure) {
      if (failure.cause !== 'unknown-camera' || tried === undefined) return undefined
      const { written, name } = tried
      names.reportUnknown(written)
      const found = await names.find(written)
      if ('cause' in found) return found
      return found.device === name ? undefined : 'retry'
    },
    get inUse() {
      return tried === undefined || tried.name === tried.written ? undefined : tried.name
    },
    release() {
      tried = undefined
      releases++
      claims.release(key)
    },
  }
}

/** Whether a camera waits for a device that another one has. */
export const waitsForDevice = ({ cause }: { cause?: string }): boolean => cause === SAME_CAMERA
