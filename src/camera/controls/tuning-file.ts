import { access, readdir } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { CameraConfig } from '../../config/types.js'
import { closestMatch } from '../../lib/suggest.js'
import type { CameraFailure } from '../camera-failure.js'

/** libcamera ends with an error that names neither the file nor the key, so it is checked before. */
export async function tuningFileObstacle({
  key,
  device,
  tuningFile,
}: Pick<CameraConfig, 'key' | 'device' | 'tuningFile'>): Promise<CameraFailure | undefined> {
  if (device.kind !== 'libcamera' || tuningFile === undefined) return undefined
  const problem = await access(tuningFile, 4).then(
    () => undefined,
    (error: unknown) => (error as NodeJS.ErrnoException).code ?? 'unknown',
  )
  if (problem === undefined) return undefined
  const isClosed = problem === 'EACCES'
  return {
    cause: 'tuning-file-missing',
    message: `The tuning file ${tuningFile} ${isClosed ? 'may not be read by this user' : 'does not exist'}.`,
    hint: isClosed
      ? `Make it readable: sudo chmod a+r ${tuningFile}`
      : `Change tuning-file in [${key}]. ${await whatExists(tuningFile)}`,
  }
}

async function whatExists(path: string): Promise<string> {
  for (const folder of new Set([dirname(path), ...FOLDERS])) {
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json')).sort()
    if (names.length === 0) continue
    const near = closestMatch(basename(path), names)
    return near === undefined
      ? `${folder} has ${names.slice(0, 40).join(', ')}.`
      : `Did you mean ${folder}/${near}?`
  }
  return `${FOLDERS.join(' and ')} have none.`
}

/** Of a Raspberry Pi up to the 4, and of a Pi 5. */
const FOLDERS = ['/usr/share/libcamera/ipa/rpi/vc4', '/usr/share/libcamera/ipa/rpi/pisp'] as const
