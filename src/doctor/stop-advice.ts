import type { System } from './system.js'

/** How to stop a process: by its unit or container, which would start it again, or by its number. */
export async function stopAdvice(pid: number, system: System): Promise<string> {
  return adviceFor(pid, (await system.readText(`/proc/${pid}/cgroup`)) ?? '')
}

/** Units that start programs for users. Stopping them would stop more than the program. */
const HOSTS =
  /^(?:cron|crond|atd|anacron|ssh|sshd|dbus|systemd-\w+|init|user@\d+|getty@.*|serial-getty@.*)\.service$/

/** @param cgroup the text of /proc/PID/cgroup (cgroups(7)); in version 1 systemd has a line of its own. */
export function adviceFor(pid: number, cgroup: string): string {
  const path = /^(?:0::|\d+:name=systemd:)(.*)$/m.exec(cgroup)?.[1] ?? ''
  const container = /\/docker[-/]([0-9a-f]{12})[0-9a-f]*/.exec(path)?.[1]
  if (container !== undefined) return `docker stop ${container}`
  // A scope has programs that a user started, for example in a terminal.
  const unit = path.endsWith('.scope')
    ? undefined
    : path.split('/').findLast((part) => part.endsWith('.service'))
  if (unit === undefined || HOSTS.test(unit)) return `kill ${pid}`
  return /\/user@\d+\.service\//.test(path) ? `systemctl --user stop ${unit}` : `sudo systemctl stop ${unit}`
}
