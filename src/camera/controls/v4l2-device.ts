import type { Env } from '../../lib/env.js'
import { exec, type ExecResult } from '../../lib/exec.js'
import { parseV4l2Controls, type V4l2Control } from './v4l2-list.js'

/** The controls of a device, beside a stream that another process reads: V4L2 allows a second open for them. */
export interface V4l2Device {
  /** @returns a sentence if they cannot be read. */
  list(): Promise<V4l2Control[] | string>
  /** @returns what v4l2-ctl reports if the driver refuses. */
  set(name: string, value: number): Promise<string | undefined>
}

/** A driver that does not answer must not hold up a request for long. */
const LIMIT_MS = 10_000

export function openV4l2Device(path: string, env: Env): V4l2Device {
  const run = async (...args: string[]): Promise<ExecResult> =>
    await exec('v4l2-ctl', ['-d', path, ...args], { ...env, LC_ALL: 'C' }, LIMIT_MS)
  return {
    async list() {
      const { code, stdout, stderr } = await run('--list-ctrls-menus')
      if (code === undefined) return 'v4l2-ctl is not installed: sudo apt install v4l-utils.'
      if (code !== 0) return `v4l2-ctl cannot read the controls of ${path}: ${lastLine(stderr)}.`
      return parseV4l2Controls(stdout)
    },
    async set(name, value) {
      const { code, stderr } = await run('--set-ctrl', `${name}=${value}`)
      return code === 0 ? undefined : lastLine(stderr)
    },
  }
}

const lastLine = (text: string): string =>
  text
    .trim()
    .split('\n')
    .at(-1)
    ?.replaceAll(/\p{Cc}/gu, ' ')
    .slice(0, 200) || 'no output'
