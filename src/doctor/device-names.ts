import { readConnectorBuses } from '../camera/devices/connectors.js'
import { DeviceClaims } from '../camera/devices/device-claims.js'
import type { CameraList } from '../camera/devices/discover.js'
import { aboutName, findModule } from '../camera/devices/find-module.js'
import { metadataFailure } from '../camera/devices/metadata-node.js'
import type { CameraConfig } from '../config/types.js'
import { ok, problem, warning, type Check } from './check.js'
import type { System } from './system.js'

/** A camera under the name that it has on this machine. */
export interface NamedCamera {
  /** As the program would start it. */
  camera: CameraConfig
  checks: Check[]
  /** Another check of the device would only repeat the problem. */
  isRefused: boolean
}

/** Looks up short and renamed names, and finds nodes without a picture and cameras that share a device, as the program does. */
export async function checkNames(
  cameras: readonly CameraConfig[],
  present: CameraList,
  system: System,
): Promise<NamedCamera[]> {
  const claims = new DeviceClaims()
  const named: NamedCamera[] = []
  for (const camera of cameras) named.push(await checkName(camera, present, system, claims))
  return named
}

async function checkName(
  camera: CameraConfig,
  present: CameraList,
  system: System,
  claims: DeviceClaims,
): Promise<NamedCamera> {
  const { device, key } = camera
  const title = `${key} device`
  const refused = ({ message, hint }: { message: string; hint: string }): NamedCamera => ({
    camera,
    checks: [problem('camera-name', title, message.replace(/\.$/, ''), hint.replace(/\.$/, ''))],
    isRefused: true,
  })
  if (device.kind === 'v4l2') {
    const node = await system.resolve(device.path)
    const facts = {
      ...system,
      describe: async (path: string) => {
        const { code, stdout } = await system.run('v4l2-ctl', ['-d', path, '--info'])
        return code === 0 ? stdout : undefined
      },
    }
    const failure = await metadataFailure(device.path, facts)
    const shared =
      node === undefined || failure !== undefined ? failure : claims.claim(key, node, device.path)
    return shared === undefined ? { camera, checks: [], isRefused: false } : refused(shared)
  }
  if (device.kind !== 'libcamera') return { camera, checks: [], isRefused: false }
  const found = findModule(
    device.name,
    present.cameras,
    await readConnectorBuses(async (path) => await system.readText(path)),
  )
  if ('cause' in found)
    return found.cause === 'ambiguous-camera' ? refused(found) : { camera, checks: [], isRefused: false }
  const shared = claims.claim(key, found.device, device.name)
  if (shared !== undefined) return refused(shared)
  const text = aboutName(device.name, found)
  const isSafe = found.how === 'short' || found.how === 'exact'
  return {
    camera: { ...camera, device: { kind: 'libcamera', name: found.device } },
    checks:
      found.how === 'exact'
        ? []
        : [
            isSafe
              ? ok('camera-name', title, text)
              : warning(
                  'camera-name',
                  title,
                  text,
                  `In [${key}], write device = ${JSON.stringify(found.device)}`,
                ),
          ],
    isRefused: false,
  }
}
