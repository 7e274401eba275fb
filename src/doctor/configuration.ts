import type { Exposure } from '../lib/file-access.js'
import { ok, warning, type Check } from './check.js'
import type { System } from './system.js'

/** The configuration of the service. Commands read it only with --config. */
const INSTALLED = '/etc/rpi-webrtc/config.toml'

export interface ConfigurationSource {
  /** The file, or `the defaults`. */
  source: string
  /** Access that other users have to it. */
  exposures: Exposure[]
}

export async function checkConfiguration(
  { source, exposures }: ConfigurationSource,
  system: System,
): Promise<Check[]> {
  if (exposures.length > 0)
    return exposures.map(({ detail, hint }) => warning('configuration', 'configuration', detail, hint))
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
