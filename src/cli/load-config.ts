import { resolve } from 'node:path'
import type { Flags } from './args.js'
import type { FoundTables } from './found-cameras.js'
import {
  defaultConfig,
  parseConfigWithWarnings,
  testModeConfig,
  videoWithoutCamera,
  type ConfigWarning,
  type ParsedConfig,
} from '../config/parse.js'
import { NO_FILE, type CameraOrigin } from '../config/source.js'
import type { CameraConfig, Config } from '../config/types.js'
import { decodeToml, type TomlTable } from '../config/toml.js'
import { ConfigError } from '../errors.js'
import { messageOf } from '../lib/error-message.js'
import { exhaustedError } from '../lib/exhausted.js'
import { didYouMean } from '../lib/suggest.js'

/** Files to read without --config: the first that exists. The second is that of the installed service. */
export const CONFIG_PLACES: readonly string[] = ['config.toml', '/etc/rpi-webrtc/config.toml']

export interface ConfigFiles {
  cwd: string
  places: readonly string[]
  readFile(path: string): Promise<Uint8Array>
}

export interface LoadedConfig extends ParsedConfig {
  /** The file, or NO_FILE. */
  source: string
  origin: CameraOrigin
  /** The tables of the cameras found, as the file would have them. */
  foundTables: string | undefined
}

/**
 * Reads the configuration of a command. Without a file, or with one that has no camera, it has the cameras found on this machine.
 * @throws ConfigError with every problem of the file, or if the requested file cannot be read; ExhaustedError if descriptors or
 * memory ran out.
 */
export async function loadConfig(
  request: Flags,
  files: ConfigFiles,
  search: (video: TomlTable) => Promise<FoundTables>,
): Promise<LoadedConfig> {
  const { source, bytes } = await firstFile(request, files)
  const toml = bytes === undefined ? '' : decodeToml(bytes, source)
  const video = bytes === undefined ? {} : videoWithoutCamera(toml, source)
  const isBare = request.testMode && bytes === undefined
  const found = video === undefined || isBare ? undefined : await search(video)
  const { config, warnings } = isBare
    ? { config: defaultConfig(), warnings: [] }
    : parseConfigWithWarnings(toml + (found?.toml ?? ''), source)
  const placed =
    request.piIp === undefined ? config : { ...config, server: { ...config.server, piIp: request.piIp } }
  return {
    config: request.testMode ? testModeConfig(placed) : placed,
    warnings: [...warnings, ...(found?.origin === 'test-picture' ? [aboutNone(found)] : [])],
    source,
    origin: found?.origin ?? 'file',
    foundTables: found?.origin === 'found' ? found.toml : undefined,
  }
}

const aboutNone = ({ notes }: FoundTables): ConfigWarning => ({
  detail: 'no camera was found, so a test picture is served',
  hint: notes.length > 0 ? notes.join(' ') : 'connect one, or see rpi-webrtc doctor',
})

async function firstFile(
  { configPath, testMode }: Flags,
  files: ConfigFiles,
): Promise<{ source: string; bytes?: Uint8Array }> {
  for (const source of configPath === undefined ? files.places : [configPath]) {
    try {
      return { source, bytes: await files.readFile(resolve(files.cwd, source)) }
    } catch (error) {
      if (configPath === undefined && codeOf(error) === 'ENOENT') continue
      // Only the service may read its file; anyone may try test pictures.
      if (testMode && configPath === undefined && source !== files.places[0]) continue
      const exhausted = exhaustedError(`${source} cannot be read`, error)
      if (exhausted !== undefined) throw exhausted
      throw new ConfigError([`the file ${whyUnread(error)}`], source)
    }
  }
  return { source: NO_FILE }
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined

function whyUnread(error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return 'does not exist: check the path, or copy config.example.toml there'
    case 'EACCES':
    case 'EPERM':
      return 'may not be read by this user: use sudo, or check its owner and mode'
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
