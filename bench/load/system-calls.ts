import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** What `strace -c` counts of a process for some time. It slows the process down, so that nothing else is to be measured then. */
export interface SystemCalls {
  /** By name. */
  calls: Record<string, number>
  total: number
}

/** @returns the name of the missing tool, or why it did not work. */
export async function countSystemCalls(pid: number, seconds: number): Promise<SystemCalls | string> {
  const child = spawn('strace', ['-c', '-f', '-p', String(pid)], { stdio: ['ignore', 'ignore', 'pipe'] })
  let output = ''
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const ended = once(child, 'close')
  const failure = await Promise.race([
    once(child, 'error').then(([error]) => (error as NodeJS.ErrnoException).code ?? 'error'),
    ended.then(() => output.trim().split('\n').at(-1) ?? 'strace ended'),
    new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), seconds * 1000)),
  ])
  if (failure !== undefined) return failure === 'ENOENT' ? 'strace is not installed' : `strace: ${failure}`
  child.kill('SIGINT')
  await ended
  return parseSummary(output)
}

/** Lines such as ` 12.63    0.079098           9      8088       151 sendmsg`. */
function parseSummary(output: string): SystemCalls {
  const calls: Record<string, number> = {}
  for (const [, count, name] of output.matchAll(/^ *[\d.]+ +[\d.]+ +\d+ +(\d+) +(?:\d+ +)?(\w+)$/gm))
    if (name !== 'total') calls[name!] = Number(count)
  return { calls, total: Object.values(calls).reduce((sum, count) => sum + count, 0) }
}
