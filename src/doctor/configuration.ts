import type { Exposure } from '../lib/file-access.js'
import { ok, warning, type Check } from './check.js'
import type { System } from './system.js'

/** The service's own, which the commands do not read unless they are told to. */
const INSTALLED = '/etc/rpi-webrtc/config.toml'

/** Where the configuration is from. */
export interface ConfigurationSource {
  /** The file, or `the defaults`. */
  source: string
  /** What other users of this machine can do with it. */
  exposures: Exposure[]
}

/** Which configuration is looked at, so that nobody mends the wrong one. */
export async function checkConfiguration(
  { source, exposures }: ConfigurationSource,
  system: System,
): Promise<Check[]> {
  if (exposures.length > 0)
    return exposures.map(({ detail, mend }) => warning('configuration', 'configuration', detail, mend))
  if (source === 'the defaults' && (await system.access(INSTALLED)) !== 'missing')
    return [
      warning(
        'configuration',
        'configuration',
        `the defaults, not those of the service`,
        `sudo rpi-webrtc doctor --config ${INSTALLED}`,
      ),
    ]
  return [ok('configuration', 'configuration', source)]
}
