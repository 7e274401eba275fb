import type { ConfigWarning } from '../config/parse.js'
import { NO_FILE, type CameraOrigin } from '../config/source.js'
import { ok, warning, type Check } from './check.js'

export interface ConfigurationSource {
  /** The file, or NO_FILE. */
  source: string
  origin: CameraOrigin
  /** Renamed keys, and what other users of this machine can do with the file. */
  warnings: ConfigWarning[]
}

/** Which file was read, and where the cameras come from if it names none. */
export function checkConfiguration({ source, origin, warnings }: ConfigurationSource): Check[] {
  const checks = warnings.map(({ detail, hint }) => warning('configuration', 'configuration', detail, hint))
  const served = origin === 'found' ? 'the cameras found are served' : 'a test picture is served'
  if (source === NO_FILE && origin !== 'file')
    checks.unshift(
      warning(
        'configuration',
        'configuration',
        `there is none, so ${served}`,
        'rpi-webrtc init writes one with the cameras found; --config names one in another folder',
      ),
    )
  else if (origin !== 'file')
    checks.unshift(ok('configuration', 'configuration', `${source} names no camera, so ${served}`))
  return checks.length > 0 ? checks : [ok('configuration', 'configuration', source)]
}
