import { execFile, type ChildProcess, type ExecFileException } from 'node:child_process'
import { messageOf } from './error-message.js'
import { exhaustionIn, type Exhaustion } from './exhausted.js'
import type { Env } from './env.js'

export interface ExecResult {
  /** undefined where the program is not installed. */
  code: number | undefined
  stdout: string
  stderr: string
  /** Set where it is installed and could not be run, for want of descriptors, processes or memory. */
  exhausted?: Exhaustion
}

/** A process that a driver holds fast cannot even be killed: it is left behind then. */
const KILLED_WITHIN_MS = 1000

/**
 * Runs a program to its end and returns what it said; never throws. It is killed after `limitMs` milliseconds.
 * @param killSignal what it is killed with.
 */
export async function exec(
  file: string,
  args: string[],
  env: Env,
  limitMs = 20_000,
  killSignal: NodeJS.Signals = 'SIGKILL',
): Promise<ExecResult> {
  return await new Promise((resolve) => {
    const options = { env: { ...env }, timeout: limitMs, killSignal, maxBuffer: 8 << 20 }
    const enough = setTimeout(() => {
      child?.unref() // this program may end without it
      resolve({ code: 1, stdout: '', stderr: `${file} does not end` })
    }, limitMs + KILLED_WITHIN_MS)
    const ended = (error: ExecFileException | null, stdout: string, stderr: string): void => {
      clearTimeout(enough)
      const exhausted = error === null ? undefined : exhaustionIn(error)
      resolve({ code: codeOf(error), stdout, stderr, ...(exhausted && { exhausted }) })
    }
    let child: ChildProcess | undefined
    try {
      child = execFile(file, args, options, ended)
    } catch (error) {
      ended(error as ExecFileException, '', messageOf(error)) // ENOMEM, E2BIG
    }
  })
}

function codeOf(error: ExecFileException | null): number | undefined {
  if (error === null) return 0
  if (error.code === 'ENOENT') return undefined
  return typeof error.code === 'number' ? error.code : 1
}
