import type { Env } from '../../lib/env.js'
import { exec } from '../../lib/exec.js'
import { gstEnvironment } from '../gstreamer/environment.js'
import type { FullSize } from '../gstreamer/full-snapshot.js'
import { parseRpicam } from './libcamera-lists.js'
import { parseV4l2Formats } from './v4l2-modes.js'
import type { VideoMode } from './video-modes.js'

const LIST_LIMIT_MS = 8000

/** The largest mode of a camera, also while it is in use; undefined if no program lists its modes. */
export async function findFullSize(
  device: { kind: 'libcamera'; name: string } | { kind: 'v4l2'; path: string },
  env: Env,
): Promise<FullSize | undefined> {
  const modes =
    device.kind === 'libcamera' ? await moduleModes(device.name, env) : await v4l2Modes(device.path, env)
  for (const { width, height, rates, format } of modes.toReversed()) {
    if (format === 'h264') continue // a picture of it needs a decoder
    return { width, height, fps: rates[0] ?? 1, ...(format === undefined ? {} : { format }) }
  }
  return undefined
}

async function moduleModes(name: string, env: Env): Promise<VideoMode[]> {
  // Not `cam -l`, which lists no modes.
  for (const file of ['rpicam-hello', 'libcamera-hello']) {
    const { code, stdout, stderr } = await exec(
      file,
      ['--list-cameras'],
      gstEnvironment(env, false),
      LIST_LIMIT_MS,
    )
    if (code !== 0) continue
    const found = parseRpicam(`${stdout}\n${stderr}`).find((camera) => camera.device === name)
    if (found?.modes !== undefined) return found.modes
  }
  return []
}

async function v4l2Modes(path: string, env: Env): Promise<VideoMode[]> {
  const { code, stdout } = await exec('v4l2-ctl', ['-d', path, '--list-formats-ext'], env, LIST_LIMIT_MS)
  return code === 0 ? parseV4l2Formats(stdout).modes : []
}
