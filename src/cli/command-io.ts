import type { Env } from '../lib/env.js'

/** The process as commands see it. They print, and return an exit code. */
export interface CommandIO {
  env: Env
  nodeVersion: string
  /** Writes lines to stdout. */
  print(text: string): void
  /** Writes lines to stderr. */
  printError(text: string): void
}
