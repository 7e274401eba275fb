import { execFile } from 'node:child_process'

export interface Ran {
  code: number
  stdout: string
  stderr: string
}

/** Runs a command to its end; one that takes longer than `limitS` is killed and has the exit code 124. */
export async function run(file: string, args: string[], limitS = 600): Promise<Ran> {
  return await new Promise((resolve) => {
    execFile(file, args, { timeout: Math.ceil(limitS * 1000), maxBuffer: 16e6 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.killed ? 124 : typeof error.code === 'number' ? error.code : 1
      console.log(`$ ${[file, ...args].join(' ')} -> ${code}\n${stdout}${stderr}`)
      resolve({ code, stdout, stderr })
    })
  })
}

export const output = async (file: string, args: string[]): Promise<string> => (await run(file, args)).stdout
