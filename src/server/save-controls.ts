import { isDeepStrictEqual } from 'node:util'
import { changedControls, editControls } from '../config/edit-controls.js'
import { parseConfig } from '../config/parse.js'
import { decodeToml } from '../config/toml.js'
import type { Config, Controls } from '../config/types.js'
import { AppError, ConfigError } from '../errors.js'
import { messageOf } from '../lib/error-message.js'
import { FileChanged, readForReplacing, replaceFile, type ReadFile } from '../lib/replace-file.js'

export interface SavedControls {
  path: string
  /** Absent if the file has these controls already. */
  backup: string | undefined
  /** Names of the controls that changed in the file. */
  changed: string[]
}

const BYTE_ORDER_MARK = '\uFEFF'

/**
 * Writes the controls of a camera into the configuration file, and changes nothing else in it.
 * @throws AppError `no-file`, `invalid-file`, `not-writable` or `not-editable`, and the file is as before.
 */
export async function saveControls(
  path: string | undefined,
  camera: string,
  wanted: Controls,
): Promise<SavedControls> {
  if (path === undefined)
    throw new AppError(
      'no-file',
      409,
      'the program runs without a configuration file: rpi-webrtc init writes one, which the program then loads',
    )
  const file = await readForReplacing(path).catch((error: unknown) => {
    throw new AppError('no-file', 409, `${path} cannot be read: ${messageOf(error)}`)
  })
  const toml = textOf(file)
  const before = parsed(toml, file.path)
  const written = before.cameras.find(({ key }) => key === camera)?.controls
  if (written === undefined)
    throw new AppError(
      'invalid-file',
      409,
      `${file.path} has no [${camera}]: it was edited, and is not loaded yet`,
    )
  const changed = changedControls(written, wanted)
  if (changed.length === 0) return { path: file.path, backup: undefined, changed }

  const edited = editControls(toml, camera, written, wanted)
  const cameras = before.cameras.map((one) => (one.key === camera ? { ...one, controls: wanted } : one))
  if (!isDeepStrictEqual(parsed(edited, file.path), { ...before, cameras }))
    throw new AppError(
      'not-editable',
      409,
      `${file.path} has a form that cannot be edited: write a table [${camera}.controls]`,
    )
  const hasMark = file.bytes.subarray(0, 3).equals(Buffer.from(BYTE_ORDER_MARK))
  const backup = await replaceFile(file, Buffer.from(hasMark ? BYTE_ORDER_MARK + edited : edited)).catch(
    (error: unknown) => {
      throw error instanceof FileChanged
        ? new AppError('invalid-file', 409, `${error.message} at the same time: save again`)
        : new AppError('not-writable', 409, whyNotWritable(file.path, error))
    },
  )
  return { path: file.path, backup, changed }
}

function textOf({ bytes, path }: ReadFile): string {
  try {
    return decodeToml(bytes, path)
  } catch (error) {
    throw invalid(error)
  }
}

function parsed(toml: string, path: string): Config {
  try {
    return parseConfig(toml, path)
  } catch (error) {
    throw invalid(error)
  }
}

const invalid = (error: unknown): unknown =>
  error instanceof ConfigError ? new AppError('invalid-file', 409, error.problems.join('; ')) : error

function whyNotWritable(path: string, error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  switch (code) {
    case 'EROFS':
      return `${path} is on a file system that this program may not write. For the service, docs/operations.md (saving controls) shows what to change`
    case 'EACCES':
    case 'EPERM':
      return `${path} or its folder may not be written by this user. docs/operations.md (saving controls) shows what to change`
    case 'ENOSPC':
      return `${path} cannot be written: no space is left on its disk`
    default:
      return `${path} cannot be written: ${messageOf(error)}`
  }
}
