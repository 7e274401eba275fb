import { availableParallelism } from 'node:os'
import { spawnSync } from 'node:child_process'
import { missingRequirement, type Requirements } from './requirements.js'

const isInstalled = (program: string): boolean =>
  spawnSync('sh', ['-c', 'command -v "$0"', program], { stdio: 'ignore' }).status === 0

/** Exits with one line on stderr if the machine lacks a requirement. */
export function requireOnHost(requirements: Requirements): void {
  const host = { isInstalled, uid: process.getuid?.() ?? 0, cores: availableParallelism() }
  const missing = missingRequirement(requirements, host)
  if (missing === undefined) return
  console.error(missing)
  process.exit(1) // eslint-disable-line no-restricted-properties -- before anything is open
}
