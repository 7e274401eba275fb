import { isDeepStrictEqual } from 'node:util'
import { changedControls, editControls } from '../config/edit-controls.js'
import type { Controls } from '../config/types.js'
import { AppError } from '../errors.js'
import { parsedConfig, readConfigFile, writeConfigFile } from './config-file.js'

export interface SavedControls {
  path: string
  /** Absent if the file has these controls already. */
  backup: string | undefined
  /** Names of the controls that changed in the file. */
  changed: string[]
}

/**
 * Writes the controls of a camera into the configuration file, and changes nothing else in it.
 * @throws AppError `no-file`, `invalid-file`, `not-writable` or `not-editable`, and the file is as before.
 */
export async function saveControls(
  configFile: string | undefined,
  camera: string,
  wanted: Controls,
): Promise<SavedControls> {
  const { file, toml } = await readConfigFile(configFile)
  const { path } = file
  const before = parsedConfig(toml, path)
  const written = before.cameras.find(({ key }) => key === camera)?.controls
  if (written === undefined)
    throw new AppError(
      'invalid-file',
      409,
      `${path} has no [${camera}]: it was edited, and is not loaded yet`,
    )
  const changed = changedControls(written, wanted)
  if (changed.length === 0) return { path, backup: undefined, changed }

  const edited = editControls(toml, camera, written, wanted)
  const cameras = before.cameras.map((one) => (one.key === camera ? { ...one, controls: wanted } : one))
  if (!isDeepStrictEqual(parsedConfig(edited, path), { ...before, cameras }))
    throw new AppError(
      'not-editable',
      409,
      `${path} has a form that cannot be edited: write a table [${camera}.controls]`,
    )
  return { path, backup: await writeConfigFile(file, edited), changed }
}
