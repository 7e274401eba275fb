import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { dirname } from 'node:path'
import { cameraForm, type FormField } from '../config/camera-form.js'
import type { Device } from '../config/device.js'
import { AppError, textOf } from '../errors.js'
import type { OwnerParts } from '../http/routes/owner.js'
import type {
  AppliedAnswer,
  CameraSettingsAnswer,
  FieldAnswer,
  LineAnswer,
  SettingsAnswer,
  SettingsChange,
} from '../http/routes/owner-answer.js'
import { changedLines } from '../lib/line-diff.js'
import { readForReplacing, writeWhole, type ReadFile } from '../lib/replace-file.js'
import type { WorkQueue } from '../lib/work-queue.js'
import type { Log } from '../log.js'
import { readConfigFile, whyNotWritable, writeConfigFile, type ConfigFile } from './config-file.js'
import { editableText, planChange, type PlannedChange } from './plan-change.js'
import type { CameraOffer } from './owner-environment.js'

export interface CameraSettingsOptions {
  configFile: () => string | undefined
  /** Tables of the cameras that are served although the file names none. */
  foundTables: () => string | undefined
  findCameras: () => Promise<readonly CameraOffer[]>
  /** Loads and applies the file; the caller runs in `fileWork`. @throws what the program rejects it for. */
  reload: () => Promise<void>
  fileWork: WorkQueue
  log: Log
}

/** A change that can be undone, while the file is still the one that it wrote. */
interface LastChange {
  before: string
  /** Of the bytes that were written. */
  digest: string
  lines: LineAnswer[]
}

export type CameraSettings = Omit<OwnerParts['settings'], 'describe'> & {
  describe(): Promise<Omit<SettingsAnswer, 'restart'>>
}

/** The cameras' part of the configuration file, as the owner's page reads and changes it. */
export function createCameraSettings(options: CameraSettingsOptions): CameraSettings {
  const { configFile, foundTables, findCameras, reload, fileWork, log } = options
  let last: LastChange | undefined

  const plan = async (read: ConfigFile, change: SettingsChange): Promise<PlannedChange> => {
    const offers = 'add' in change ? await findCameras() : []
    return planChange(read, editableText(read, foundTables()), change, (device, video) => {
      const offer = offers.find((one) => one.device === device)
      if (offer === undefined)
        throw new AppError('no-such-device', 404, `${device} was not found on this machine; search again`)
      return offer.settings(video)
    })
  }

  /** Writes the text and applies it, or puts the file back. */
  const write = async (read: ConfigFile, toml: string): Promise<AppliedAnswer & { digest: string }> => {
    const { path } = read.file
    const backup = await writeConfigFile(read.file, toml)
    const written = await readForReplacing(path)
    try {
      await reload()
    } catch (error) {
      await restore(read.file, written)
      // What was applied already, up to the error, is taken back too.
      await reload().catch((again: unknown) => log.error('the restored configuration is rejected', { again }))
      throw rejected(path, error)
    }
    return { path, backup, lines: changedLines(read.toml, toml), digest: digestOf(written.bytes) }
  }

  return {
    describe: async () => {
      const answer = { found: false, cameras: [] }
      try {
        const read = await readConfigFile(configFile())
        const { path } = read.file
        const { isFound, config, tables } = editableText(read, foundTables())
        const cameras = (config?.cameras ?? []).map(({ key, device }) => describeCamera(key, device, tables))
        const why = await obstacleOf(path)
        const undo = last !== undefined && last.digest === digestOf(read.file.bytes) ? last : undefined
        return {
          path,
          found: isFound,
          cameras,
          ...(why && { why }),
          ...(undo && { undo: { lines: undo.lines } }),
        }
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        const path = configFile()
        return { ...answer, ...(path !== undefined && { path }), why: whyOf(error) }
      }
    },
    preview: async (change) => {
      const read = await readConfigFile(configFile())
      const { camera, lines, applies, preview } = await plan(read, change)
      return { path: read.file.path, camera, lines, applies, preview }
    },
    apply: async (change, preview) => {
      if ('add' in change) await findCameras() // may take seconds, and the queue has reloads
      return await fileWork.run(async () => {
        const read = await readConfigFile(configFile())
        const planned = await plan(read, change)
        if (planned.preview !== preview)
          throw new AppError(
            'file-changed',
            409,
            `${read.file.path} is another one by now: look at the lines again`,
          )
        if (planned.lines.length === 0) return { path: read.file.path, lines: [] }
        const { digest, ...answer } = await write(read, planned.toml)
        last = { before: read.toml, digest, lines: changedLines(planned.toml, read.toml) }
        return answer
      })
    },
    undo: async () =>
      await fileWork.run(async () => {
        if (last === undefined)
          throw new AppError('nothing-to-undo', 409, 'nothing was changed here since the program started')
        const read = await readConfigFile(configFile())
        if (digestOf(read.file.bytes) !== last.digest)
          throw new AppError(
            'file-changed',
            409,
            `${read.file.path} was edited since, so the last change cannot be undone here`,
          )
        const { digest: _, ...answer } = await write(read, last.before)
        last = undefined
        return answer
      }),
  }
}

/** The backup stays as it is: it has the same text. */
async function restore(before: ReadFile, written: ReadFile): Promise<void> {
  const now = await readForReplacing(before.path)
  if (now.bytes.equals(written.bytes))
    await writeWhole(before.path, before.bytes.toString('utf8'), before.stats)
}

const rejected = (path: string, error: unknown): AppError =>
  new AppError(
    'change-rejected',
    409,
    `the program cannot use this change, so ${path} is as it was: ${error instanceof Error ? reasonOf(error) : String(error)}`,
  )

const reasonOf = (error: Error): string =>
  textOf(error)
    .split('\n')
    .map((line) => line.trim())
    .join(' ')

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64')

const whyOf = ({ code, message }: AppError): { error: string; message: string } => ({ error: code, message })

/** Why the file cannot be written, found without writing it. */
async function obstacleOf(path: string): Promise<SettingsAnswer['why']> {
  try {
    await access(path, constants.W_OK)
    await access(dirname(path), constants.W_OK)
    return undefined
  } catch (error) {
    return { error: 'not-writable', message: whyNotWritable(path, error) }
  }
}

function describeCamera(key: string, device: Device, tables: Record<string, unknown>): CameraSettingsAnswer {
  const written = (tables[key] as { device?: unknown } | undefined)?.device
  return { key, device: String(written), fields: cameraForm(key, device, tables).map(describeField) }
}

function describeField({ name, input, about, written, fallback, applies }: FormField): FieldAnswer {
  const { type, ...range } = input
  return {
    name,
    type,
    ...('choices' in range ? { choices: [...range.choices] } : range),
    about,
    ...(written !== undefined && { value: written }),
    ...(fallback !== undefined && { default: fallback }),
    applies,
  }
}
