import type { Env } from '../../lib/env.js'
import { exec } from '../../lib/exec.js'
import { parseV4l2Formats } from './v4l2-modes.js'
import type { VideoMode } from './video-modes.js'

/** The modes of one V4L2 node, also while it is in use; empty if it cannot be asked. */
export async function listV4l2Modes(path: string, env: Env, limitMs: number): Promise<VideoMode[]> {
  const { code, stdout } = await exec('v4l2-ctl', ['-d', path, '--list-formats-ext'], env, limitMs)
  return code === 0 ? parseV4l2Formats(stdout).modes : []
}
