import { execFile } from 'node:child_process'
import type { Env } from './command.js'

export interface Ran {
  /** undefined where the program is not installed. */
  code: number | undefined
  stdout: string
  stderr: string
}

/** A process that a driver holds fast cannot even be killed: it is left behind then. */
const KILLED_WITHIN_MS = 1000

/**
 * Runs a program to its end and returns what it said; never throws. It is killed after `limitMs` milliseconds.
 * @param killSignal what it is killed with.
 */
export async function run(
  file: string,
  args: string[],
  env: Env,
  limitMs = 20_000,
  killSignal: NodeJS.Signals = 'SIGKILL',
): Promise<Ran> {
  return await new Promise((resolve) => {
    const options = { env: { ...env }, timeout: limitMs, killSignal, maxBuffer: 8 << 20 }
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      clearTimeout(enough)
      const missing = error?.code === 'ENOENT'
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      resolve({ code: missing ? undefined : code, stdout, stderr })
    })
    const enough = setTimeout(() => {
      child.unref() // this program may end without it
      resolve({ code: 1, stdout: '', stderr: `${file} does not end` })
    }, limitMs + KILLED_WITHIN_MS)
  })
}
