import { ok, warning, type Check } from './check.js'
import type { System } from './system.js'

/** The service's own, which the commands do not read unless they are told to. */
const INSTALLED = '/etc/rpi-webrtc/config.toml'

/** Where the configuration is from. */
export interface ConfigurationSource {
  /** The file, or `the defaults`. */
  source: string
  /** What is wrong with who may read it, where something is: `what: mend`. */
  onShow: string | undefined
}

/** Which configuration is looked at, so that nobody mends the wrong one. */
export async function checkConfiguration(
  { source, onShow }: ConfigurationSource,
  system: System,
): Promise<Check> {
  if (onShow !== undefined) {
    const [detail = '', ...mend] = onShow.split(': ')
    return warning('configuration', 'configuration', detail, mend.join(': '))
  }
  if (source === 'the defaults' && (await system.access(INSTALLED)) !== 'missing')
    return warning(
      'configuration',
      'configuration',
      `the defaults, not those of the service`,
      `sudo rpi-webrtc doctor --config ${INSTALLED}`,
    )
  return ok('configuration', 'configuration', source)
}
