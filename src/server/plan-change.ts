import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { isFormKey } from '../config/camera-form.js'
import { diffConfig } from '../config/diff.js'
import { addCamera, editCamera } from '../config/edit-camera.js'
import { parseConfig, videoWithoutCamera } from '../config/parse.js'
import { parseToml, type TomlTable } from '../config/toml.js'
import type { Config, ControlValue } from '../config/types.js'
import { AppError, ConfigError } from '../errors.js'
import type { Effect, LineAnswer, SettingsChange } from '../http/routes/owner-answer.js'
import { changedLines } from '../lib/line-diff.js'
import { invalidFile, parsedConfig, type ConfigFile } from './config-file.js'

/** A change of the configuration file that was checked, and not written yet. */
export interface PlannedChange {
  camera: string
  toml: string
  lines: LineAnswer[]
  applies: Effect
  /** Of the file and of the change: another file, or another change, has another one. */
  preview: string
}

/** The text of the file with the tables that are edited: without a camera in the file, those of the found ones. */
export interface EditableText {
  toml: string
  isFound: boolean
  /** Undefined if it names no camera yet. */
  config: Config | undefined
  tables: TomlTable
}

/**
 * @param foundTables of the cameras that are served although the file names none.
 * @throws AppError `invalid-file`.
 */
export function editableText(
  { file: { path }, toml }: ConfigFile,
  foundTables: string | undefined,
): EditableText {
  const hasCamera = withAppError(() => videoWithoutCamera(toml, path) === undefined)
  const isFound = !hasCamera && foundTables !== undefined
  const text = isFound ? toml + foundTables : toml
  return {
    toml: text,
    isFound,
    config: hasCamera || isFound ? parsedConfig(text, path) : undefined,
    tables: withAppError(() => parseToml(text, path).tables),
  }
}

function withAppError<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw invalidFile(error)
  }
}

/**
 * @param settingsOf the rows of a found camera. @throws AppError `no-such-device`.
 * @throws AppError `invalid-settings` with what to write, or another one about the file.
 */
export function planChange(
  read: ConfigFile,
  text: EditableText,
  change: SettingsChange,
  settingsOf: (device: string, video: TomlTable) => Record<string, ControlValue>,
): PlannedChange {
  const { path } = read.file
  const { config, tables } = text
  const camera = 'add' in change ? nextKey(config) : change.camera
  const values: Record<string, ControlValue | null> =
    'add' in change ? settingsOf(change.add, (tables['video'] ?? {}) as TomlTable) : change.values
  if (!('add' in change)) checkEditable(path, config, camera, values)
  const toml =
    'add' in change
      ? addCamera(text.toml, camera, values as Record<string, ControlValue>)
      : editCamera(text.toml, camera, values)
  const after = parsedEdit(toml, path)
  if (!hasOnly(after, config, camera, values, 'add' in change, toml))
    throw new AppError(
      'not-editable',
      409,
      `${path} has a form that cannot be edited here: write a table [${camera}] with a line for each key`,
    )
  return {
    camera,
    toml,
    lines: changedLines(read.toml, toml),
    applies: 'add' in change ? 'added' : effectOf(config!, after),
    preview: createHash('sha256')
      .update(read.file.bytes)
      .update('\0')
      .update(toml)
      .digest('base64url')
      .slice(0, 22),
  }
}

function checkEditable(path: string, config: Config | undefined, camera: string, values: object): void {
  if (config?.cameras.some(({ key }) => key === camera) !== true)
    throw new AppError('invalid-file', 409, `${path} has no [${camera}]: add a camera that was found`)
  const other = Object.keys(values).find((name) => !isFormKey(name))
  if (other !== undefined)
    throw new AppError('invalid-settings', 400, `${camera}.${other}: cannot be changed here: edit the file`)
}

/** The first number that no camera has. */
function nextKey(config: Config | undefined): string {
  const keys = new Set(config?.cameras.map(({ key }) => key))
  for (let number = 1; number < 100; number++) if (!keys.has(`camera${number}`)) return `camera${number}`
  throw new AppError('invalid-settings', 400, 'there are 99 cameras, which is the maximum')
}

/** @throws AppError `invalid-settings`: the file was valid, so the change is not. */
function parsedEdit(toml: string, path: string): Config {
  try {
    return parseConfig(toml, path)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const sentences = error.problems.map((problem) => withoutPlace(problem, path))
    throw new AppError('invalid-settings', 400, sentences.join('; '))
  }
}

/** `config.toml:12: camera1.width: ...`: the line is one of a text that nobody has. */
const withoutPlace = (problem: string, path: string): string =>
  problem.startsWith(path) ? problem.slice(path.length).replace(/^(?::\d+)*: /, '') : problem

/** Whether the edited text has the wanted values, and no other difference. */
function hasOnly(
  after: Config,
  before: Config | undefined,
  camera: string,
  values: Readonly<Record<string, ControlValue | null>>,
  isNew: boolean,
  toml: string,
): boolean {
  const table = (parseToml(toml, '').tables[camera] ?? {}) as TomlTable
  const isWritten = Object.entries(values).every(([name, value]) =>
    value === null ? !(name in table) : isDeepStrictEqual(table[name], value),
  )
  if (!isWritten) return false
  if (before === undefined) return after.cameras.length === 1
  const expected = isNew ? [camera] : Object.keys(values).map((name) => `${camera}.${name}`)
  return diffConfig(before, after).keys.every((key) => expected.includes(key))
}

function effectOf(before: Config, after: Config): Effect {
  const { replaced, restarted } = diffConfig(before, after)
  if (replaced.length > 0) return 'reconnect'
  return restarted.length > 0 ? 'restart' : 'live'
}
