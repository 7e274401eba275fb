import { resolve } from 'node:path'
import type { Flags } from './args.js'
import { defaultConfig, parseConfigWithWarnings, testModeConfig, type ParsedConfig } from '../config/parse.js'
import type { CameraConfig, Config } from '../config/types.js'
import { decodeToml } from '../config/toml.js'
import { ConfigError } from '../errors.js'
import { messageOf } from '../lib/error-message.js'
import { exhaustedError } from '../lib/exhausted.js'
import { didYouMean } from '../lib/suggest.js'

export interface ConfigFiles {
  cwd: string
  readFile(path: string): Promise<Uint8Array>
}

/**
 * Reads the configuration of a command; `source` names the file in the log.
 * @throws ConfigError with every problem of the file, or if the requested file cannot be read; ExhaustedError if descriptors or
 * memory ran out.
 */
export async function loadConfig(
  request: Flags,
  files: ConfigFiles,
): Promise<ParsedConfig & { source: string }> {
  const source = request.configPath ?? 'config.toml'
  const bytes = await files.readFile(resolve(files.cwd, source)).catch((error: unknown) => {
    if (request.configPath === undefined && codeOf(error) === 'ENOENT') return undefined
    const exhausted = exhaustedError(`${source} cannot be read`, error)
    if (exhausted !== undefined) throw exhausted
    throw new ConfigError([`the file ${whyUnread(error)}`], source)
  })
  const { config, warnings } =
    bytes === undefined
      ? { config: defaultConfig(), warnings: [] }
      : parseConfigWithWarnings(decodeToml(bytes, source), source)
  const placed =
    request.piIp === undefined ? config : { ...config, server: { ...config.server, piIp: request.piIp } }
  return {
    config: request.testMode ? testModeConfig(placed) : placed,
    warnings,
    source: bytes === undefined ? 'the defaults' : source,
  }
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined

function whyUnread(error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return 'does not exist: check the path, or copy config.example.toml there'
    case 'EACCES':
    case 'EPERM':
      return 'may not be read by this user: check its owner and mode'
    case 'EISDIR':
      return 'is a folder: name the file in it'
    default:
      return `cannot be read: ${messageOf(error)}`
  }
}

/** Finds the camera named on the command line. @throws ConfigError if there is none. */
export function cameraNamed(config: Config, name: string): CameraConfig {
  const camera = config.cameras.find(({ key }) => key === name)
  if (camera !== undefined) return camera
  const names = config.cameras.map(({ key }) => key)
  throw new ConfigError(
    [
      `${name}: is not a camera of the configuration${didYouMean(name, names) || ` (there are ${names.join(', ')})`}`,
    ],
    'the command line',
  )
}
