import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Builds the program before the tests that start it, unless dist is newer than src.
 * @throws Error when tsc reports an error: tests of a half-built program prove nothing.
 */
export default function setup(): void {
  buildIn(root)
}

export function buildIn(folder: string, stdio: 'inherit' | 'ignore' = 'inherit'): void {
  if (isCurrent(folder)) return
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--noEmitOnError'], {
    cwd: folder,
    stdio,
  })
  if (status !== 0) throw new Error('The build failed. Fix the errors that tsc printed above.')
}

function isCurrent(folder: string): boolean {
  const sources = readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !/\.(?:test|d)\.ts$/.test(name),
  )
  const settings = Math.max(
    ...['tsconfig.json', 'tsconfig.build.json'].map((name) => modifiedMs(join(folder, name))!),
  )
  return sources.every((name) => {
    const builtMs = modifiedMs(join(folder, 'dist', name.replace(/\.ts$/, '.js')))
    return builtMs !== undefined && builtMs > Math.max(settings, modifiedMs(join(folder, 'src', name))!)
  })
}

const modifiedMs = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.mtimeMs
