import type { ConfigWarning } from '../config/parse.js'
import type { CameraList } from '../camera/devices/discover.js'
import type { Config } from '../config/types.js'
import { ok, problem, warning, type Check } from './check.js'
import type { System } from './system.js'

/** The configuration of the service. Commands read it only with --config. */
const INSTALLED = '/etc/rpi-webrtc/config.toml'

export interface ConfigurationSource {
  /** The file, or `the defaults`. */
  source: string
  /** Renamed keys, and what other users of this machine can do with the file. */
  warnings: ConfigWarning[]
}

/** Whether no file was read and the built-in configuration does not fit this machine: it has the two camera modules of a Pi 5. */
export const isWithoutConfiguration = (source: string, { cameras }: Config, present: CameraList): boolean =>
  source === 'the defaults' &&
  cameras.some(
    ({ device }) =>
      device.kind === 'libcamera' && !present.cameras.some((found) => found.device === device.name),
  )

/** @param isUnwritten whether there is no configuration at all, and the built-in one does not fit. */
export async function checkConfiguration(
  { source, warnings }: ConfigurationSource,
  system: System,
  isUnwritten = false,
): Promise<Check[]> {
  if (warnings.length > 0)
    return warnings.map(({ detail, hint }) => warning('configuration', 'configuration', detail, hint))
  if (source === 'the defaults' && (await system.access(INSTALLED)) !== 'missing')
    return [
      warning(
        'configuration',
        'configuration',
        'the defaults, not the configuration of the service',
        `sudo rpi-webrtc doctor --config ${INSTALLED}`,
      ),
    ]
  if (isUnwritten)
    return [
      problem(
        'configuration',
        'configuration',
        'there is none, and the built-in one has cameras that this machine lacks',
        'rpi-webrtc init writes one with the cameras found; --config names one in another folder',
      ),
    ]
  return [ok('configuration', 'configuration', source)]
}
