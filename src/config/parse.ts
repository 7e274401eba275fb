import { ConfigError } from '../errors.js'
import { toConfig } from './assemble.js'
import { findConflicts } from './conflicts.js'
import { problemLines, type Problem } from './problems.js'
import { checkFile, type CheckedFile } from './schema.js'
import { partition, tableOf, withoutKeys } from './tables.js'
import { parseToml, type TomlTable } from './toml.js'
import type { Config } from './types.js'

/** Something to change in a file that is valid. */
export interface ConfigWarning {
  detail: string
  hint: string
}

export interface ParsedConfig {
  config: Config
  warnings: ConfigWarning[]
}

/** @throws ConfigError */
export const parseConfig = (toml: string, source: string): Config =>
  parseConfigWithWarnings(toml, source).config

/** @param source the file's name, for messages. @throws ConfigError with every problem of the text at once. */
export function parseConfigWithWarnings(toml: string, source: string): ParsedConfig {
  const { tables, lineOf } = parseToml(toml, source)
  const { file, problems, renamed } = partition(tables)
  const checked = checkFile(file)
  const wrong = Array.isArray(checked) ? checked : []
  const isWrong = ([table, key]: readonly [string, string]): boolean =>
    wrong.some(({ path }) => path[0] === table && path[1] === key)
  // Values without a problem are checked for conflicts even so: one start reports everything.
  const config = toConfig(Array.isArray(checked) ? valid(withoutKeys(file, isWrong)) : checked)
  const isWritten = (table: string, key: string): boolean => key in (tableOf(file, table) ?? {})
  const conflicts = findConflicts(config, isWritten).filter(({ reads }) => !reads.some(isWrong))
  const asWritten = (problem: Problem): Problem => {
    const [table, key, ...rest] = problem.path
    const former = renamed.find((one) => one.table === table && one.name === key)?.former
    return former === undefined ? problem : { ...problem, path: [table!, former, ...rest] }
  }
  const all = [...problems, ...[...wrong, ...conflicts].map(asWritten)]
  if (all.length > 0) throw new ConfigError([...new Set(problemLines(all, source, lineOf))], source)
  const warnings = renamed.map(({ table, former, name }) => {
    const [detail] = problemLines(
      [{ path: [table, former], message: `was renamed to ${name}` }],
      source,
      lineOf,
    )
    return { detail: detail!, hint: 'write the new name, because the next release rejects the old one' }
  })
  return { config, warnings }
}

/** The [video] table of a file that has no camera, and nothing that could be meant as one; undefined otherwise. */
export function videoWithoutCamera(toml: string, source: string): TomlTable | undefined {
  const { file, problems } = partition(parseToml(toml, source).tables)
  const isOnlyWithoutCamera = problems.length === 1 && problems[0]!.path.length === 0
  return isOnlyWithoutCamera ? file.video : undefined
}

function valid(file: Parameters<typeof checkFile>[0]): CheckedFile {
  const checked = checkFile(file)
  if (Array.isArray(checked)) throw new Error(`${checked[0]!.path.join('.')}: ${checked[0]!.message}`)
  return checked
}

/** As in config.example.toml: a Camera Module 2 on each connector of a Raspberry Pi 5. */
export const defaultConfig = (): Config =>
  toConfig(
    valid({
      server: {},
      cameras: { camera1: { device: EXAMPLE_CAMERAS[0] }, camera2: { device: EXAMPLE_CAMERAS[1] } },
      video: {},
      webrtc: {},
      rtsp: {},
      limits: {},
    }),
  )

const EXAMPLE_CAMERAS = [
  '/base/axi/pcie@1000120000/rp1/i2c@88000/imx219@10',
  '/base/axi/pcie@1000120000/rp1/i2c@80000/imx219@10',
] as const

/** The same configuration without any hardware: test pictures, encoded in software. */
export const testModeConfig = (config: Config): Config => ({
  ...config,
  cameras: config.cameras.map((camera) => ({
    ...camera,
    device: camera.device.kind === 'test' ? camera.device : { kind: 'test', pattern: 'smpte' },
    encoder: camera.encoder === 'v4l2h264enc' ? 'auto' : camera.encoder,
    controls: {},
    audio: camera.audio && { ...camera.audio, device: 'test' },
  })),
})
