import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Builds the program before any test starts it, unless what is built is as new as its source. */
export default function setup(): void {
  if (isCurrent()) return
  // Types are the business of `npm run check`: what is emitted in spite of an error may serve the tests at hand.
  spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  })
}

function isCurrent(): boolean {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !/\.(?:test|d)\.ts$/.test(name),
  )
  const settings = Math.max(
    ...['tsconfig.json', 'tsconfig.build.json'].map((name) => modifiedMs(join(root, name))!),
  )
  return sources.every((name) => {
    const builtMs = modifiedMs(join(root, 'dist', name.replace(/\.ts$/, '.js')))
    return builtMs !== undefined && builtMs > Math.max(settings, modifiedMs(join(root, 'src', name))!)
  })
}

const modifiedMs = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.mtimeMs
