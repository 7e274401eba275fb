import type { ConfigWarning } from '../config/parse.js'
import { ok, warning, type Check } from './check.js'
import type { System } from './system.js'

/** The configuration of the service. Commands read it only with --config. */
const INSTALLED = '/etc/rpi-webrtc/config.toml'

export interface ConfigurationSource {
  /** The file, or `the defaults`. */
  source: string
  /** Renamed keys, and what other users of this machine can do with the file. */
  warnings: ConfigWarning[]
}

export async function checkConfiguration(
  { source, warnings }: ConfigurationSource,
  system: System,
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
  return [ok('configuration', 'configuration', source)]
}
