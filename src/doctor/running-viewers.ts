import type { Config } from '../config/types.js'
import { ok, warning, type Check } from './check.js'
import type { Processes } from './processes.js'
import { runningHealth } from './running-cameras.js'
import type { System } from './system.js'

/** Which viewers of the running server could not connect. */
export async function checkRunningViewers(
  config: Config,
  system: System,
  processes: Processes,
): Promise<Check[]> {
  const health = await runningHealth(config, system, processes)
  return assessFailures(health?.['connect_failures'])
}

/** @param failures counts by cause, of `/health`. Another version of the program may be running. */
export function assessFailures(failures: unknown): Check[] {
  if (typeof failures !== 'object' || failures === null) return []
  const counts = Object.entries(failures)
    .filter(
      (entry): entry is [string, number] => /^[a-z-]{1,40}$/.test(entry[0]) && Number.isInteger(entry[1]),
    )
    .sort(([, a], [, b]) => b - a)
  const total = counts.reduce((sum, [, count]) => sum + count, 0)
  if (total === 0) return [ok('viewers', 'viewers', 'none failed to connect since the start')]
  const causes = counts.map(([cause, count]) => `${cause} ${count}`).join(', ')
  return [
    warning(
      'viewers',
      'viewers',
      `${total} attempt${total === 1 ? '' : 's'} to connect failed since the start: ${causes}`,
      'docs/troubleshooting.md explains each cause, the log has the facts: journalctl -u rpi-webrtc | grep "could not connect"',
    ),
  ]
}
