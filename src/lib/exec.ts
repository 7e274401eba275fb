import { execFile, type ChildProcess, type ExecFileException } from 'node:child_process'
import { messageOf } from './error-message.js'
import { exhaustionIn, type Exhaustion } from './exhausted.js'
import type { Env } from './env.js'

export interface ExecResult {
  /** undefined if the program is not installed. */
  code: number | undefined
  stdout: string
  stderr: string
  /** Set if it could not run because descriptors, processes or memory ran out. */
  exhausted?: Exhaustion
}

/** A process that hangs in a driver cannot be killed. It is abandoned after this time. */
const KILL_LIMIT_MS = 1000

/** Runs a program and returns its output. It is killed after `limitMs` milliseconds. Never throws. */
export async function exec(
  file: string,
  args: string[],
  env: Env,
  limitMs = 20_000,
  killSignal: NodeJS.Signals = 'SIGKILL',
): Promise<ExecResult> {
  return await new Promise((resolve) => {
    const options = { env: { ...env }, timeout: limitMs, killSignal, maxBuffer: 8 << 20 }
    const abandon = setTimeout(() => {
      child?.unref() // so that this process can exit
      resolve({ code: 1, stdout: '', stderr: `${file} does not exit` })
    }, limitMs + KILL_LIMIT_MS)
    const ended = (error: ExecFileException | null, stdout: string, stderr: string): void => {
      clearTimeout(abandon)
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
