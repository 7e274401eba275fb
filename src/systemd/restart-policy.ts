import { readFile } from 'node:fs/promises'
import type { Env } from '../lib/env.js'
import { exec } from '../lib/exec.js'

export interface ServiceQuestion {
  env: Env
  /** Text of /proc/self/cgroup. */
  readCgroup?: () => Promise<string>
  run?: typeof exec
}

const LIMIT_MS = 3000

/**
 * Whether systemd starts this process again whenever it ends: `Restart=always` of its service.
 * @returns undefined if so, otherwise the reason as a sentence.
 */
export async function whyNotRestarted({
  env,
  readCgroup = async () => await readFile('/proc/self/cgroup', 'utf8'),
  run = exec,
}: ServiceQuestion): Promise<string | undefined> {
  const cgroup = await readCgroup().catch(() => '')
  const unit = /\/([^/\n]+\.service)$/m.exec(cgroup)?.[1]
  // A shell in a session, or a container, has neither: systemd sets it for each service (systemd.exec(5)).
  if (unit === undefined || env['INVOCATION_ID'] === undefined)
    return 'The program was not started by systemd, so nothing would start it again. Restart it where you started it.'
  // Only a user's manager sets MANAGERPID (systemd.exec(5)).
  const scope = env['MANAGERPID'] === undefined ? [] : ['--user']
  const { code, stdout } = await run(
    'systemctl',
    [...scope, 'show', '--property=Restart', '--value', unit],
    env,
    LIMIT_MS,
  )
  if (code !== 0)
    return `systemd does not answer whether it would start ${unit} again. On the machine: sudo systemctl restart ${unit}`
  if (stdout.trim() === 'always') return undefined
  return `${unit} has no Restart=always, so systemd would not start the program again. On the machine: sudo systemctl restart ${unit}`
}
