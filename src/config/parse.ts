import * as v from 'valibot'
import { ConfigError } from '../errors.js'
import * as access from './access.js'
import { toConfig } from './assemble.js'
import { findConflicts } from './conflicts.js'
import { problemLines, type Problem } from './problems.js'
import { CONFIG_KEYS, FileSchema } from './schema.js'
import { partition, tableOf, withoutKeys } from './tables.js'
import { parseToml } from './toml.js'
import type { Config } from './types.js'

/** @param source the file's name, for messages. @throws ConfigError with every problem of the text at once. */
export function parseConfig(toml: string, source: string): Config {
  const { tables, lineOf } = parseToml(toml, source)
  const { file, problems } = partition(tables, CONFIG_KEYS)
  const result = v.safeParse(FileSchema, file, { abortPipeEarly: true })
  const wrong = (result.issues ?? []).map(problemOf)
  const isWrong = ([table, key]: readonly [string, string]): boolean =>
    wrong.some(({ path }) => path[0] === table && path[1] === key)
  // What is right is checked for clashes even so: nobody wants to start the program once per mistake.
  const config = toConfig(result.success ? result.output : v.parse(FileSchema, withoutKeys(file, isWrong)))
  const isWritten = (table: string, key: string): boolean => key in (tableOf(file, table) ?? {})
  const clashes = findConflicts(config, isWritten).filter(({ reads }) => !reads.some(isWrong))
  const all = [...problems, ...wrong, ...clashes]
  if (all.length > 0) throw new ConfigError([...new Set(problemLines(all, source, lineOf))], source)
  return config
}

/** Two libcamera cameras, as in config.example.toml: what the program does where there is no file. */
export const defaultConfig = (): Config =>
  toConfig(
    v.parse(FileSchema, {
      server: {},
      cameras: { camera1: { device: EXAMPLE_CAMERAS[0] }, camera2: { device: EXAMPLE_CAMERAS[1] } },
      video: {},
      webrtc: {},
      limits: {},
    }),
  )

/** The two camera connectors of a Raspberry Pi 5 with a Camera Module 2 on each. */
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
  })),
})

/** The schema keeps the cameras in a table of their own; the file does not. */
function problemOf(issue: v.InferIssue<typeof FileSchema>): Problem {
  const path = (issue.path ?? []).map(({ key }) => String(key))
  const isSecret = path[0] === 'server' && access.SECRET_KEYS.includes(path[1] ?? '')
  return {
    path: path[0] === 'cameras' ? path.slice(1) : path,
    message: issue.message,
    value: isSecret ? undefined : issue.input,
  }
}
