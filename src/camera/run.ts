import { execFile } from 'node:child_process'
import type { Env } from './command.js'

export interface Ran {
  /** undefined where the program is not installed. */
  code: number | undefined
  stdout: string
  stderr: string
}

/** Runs a program to its end and returns what it said; never throws. It is killed after `limitMs` milliseconds. */
export async function run(file: string, args: string[], env: Env, limitMs = 20_000): Promise<Ran> {
  return await new Promise((resolve) => {
    const options = { env: { ...env }, timeout: limitMs, killSignal: 'SIGKILL', maxBuffer: 8 << 20 } as const
    execFile(file, args, options, (error, stdout, stderr) => {
      const missing = error?.code === 'ENOENT'
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      resolve({ code: missing ? undefined : code, stdout, stderr })
    })
  })
}
