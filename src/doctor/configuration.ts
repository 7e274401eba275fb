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

/** Names the configuration that was checked, so that users edit the right one. */
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
        `the defaults, not those of the service`,
        `sudo rpi-webrtc doctor --config ${INSTALLED}`,
      ),
    ]
  return [ok('configuration', 'configuration', source)]
}
