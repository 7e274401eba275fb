import type { Env } from '../lib/env.js'

/** What the commands take of the process: they print and give an exit code, and never touch it. */
export interface CommandIO {
  env: Env
  nodeVersion: string
  /** Writes one line, or several, to stdout. */
  print(text: string): void
  /** Writes one line, or several, to stderr. */
  printError(text: string): void
}
