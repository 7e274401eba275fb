import { parseConfig } from '../config/parse.js'
import { decodeToml } from '../config/toml.js'
import type { Config } from '../config/types.js'
import { AppError, ConfigError } from '../errors.js'
import { messageOf } from '../lib/error-message.js'
import { FileChanged, readForReplacing, replaceFile, type ReadFile } from '../lib/replace-file.js'

/** The configuration file as it was read, to be edited. */
export interface ConfigFile {
  file: ReadFile
  /** Without a byte order mark. */
  toml: string
}

const BYTE_ORDER_MARK = '\uFEFF'

/** @throws AppError `no-file` or `invalid-file`. */
export async function readConfigFile(path: string | undefined): Promise<ConfigFile> {
  if (path === undefined)
    throw new AppError(
      'no-file',
      409,
      'the program runs without a configuration file: rpi-webrtc init writes one, which the program then loads',
    )
  const file = await readForReplacing(path).catch((error: unknown) => {
    throw new AppError('no-file', 409, `${path} cannot be read: ${messageOf(error)}`)
  })
  return { file, toml: textOf(file) }
}

/**
 * Replaces the file in one step, and keeps its byte order mark.
 * @returns the path of the old content. @throws AppError `invalid-file` or `not-writable`, and the file is as before.
 */
export async function writeConfigFile(file: ReadFile, toml: string): Promise<string> {
  const hasMark = file.bytes.subarray(0, 3).equals(Buffer.from(BYTE_ORDER_MARK))
  return await replaceFile(file, Buffer.from(hasMark ? BYTE_ORDER_MARK + toml : toml)).catch(
    (error: unknown) => {
      throw error instanceof FileChanged
        ? new AppError('invalid-file', 409, `${error.message} at the same time: save again`)
        : new AppError('not-writable', 409, whyNotWritable(file.path, error))
    },
  )
}

/** @throws AppError `invalid-file`. */
export function parsedConfig(toml: string, path: string): Config {
  try {
    return parseConfig(toml, path)
  } catch (error) {
    throw invalidFile(error)
  }
}

/** An error of the parser as a response; any other error as it is. */
export const invalidFile = (error: unknown): unknown =>
  error instanceof ConfigError ? new AppError('invalid-file', 409, error.problems.join('; ')) : error

function textOf({ bytes, path }: ReadFile): string {
  try {
    return decodeToml(bytes, path)
  } catch (error) {
    throw invalidFile(error)
  }
}

export function whyNotWritable(path: string, error: unknown): string {
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
