import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A load process. It answers every line on stdin with a line of JSON. */
export interface Load<Answer> extends AsyncDisposable {
  pid: number
  ask(): Promise<Answer>
}

/** @param load path of a script, relative to this file; `through` is a command that executes the rest of its arguments. */
export function startLoad<Answer>(
  load: string | { script: string; through: string[] },
  ...args: (string | number)[]
): Load<Answer> {
  const { script, through } = typeof load === 'string' ? { script: load, through: [] } : load
  const path = fileURLToPath(new URL(script, import.meta.url))
  const [file, ...words] = [...through, process.execPath, '--import', 'tsx', path, ...args.map(String)]
  const child = spawn(file!, words, {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    pid: child.pid!,
    ask: async () => {
      child.stdin.write('?\n')
      const line = await lines.next()
      if (line.done === true) throw new Error(`${script} ended`)
      return JSON.parse(line.value) as Answer
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin.end()
      child.kill()
      await gone
    },
  }
}

/** Used by the load process: answers every line on stdin, and exits when stdin closes. */
export async function answerLines(answer: () => unknown): Promise<void> {
  for await (const _question of createInterface({ input: process.stdin }))
    process.stdout.write(`${JSON.stringify(await answer())}\n`)
  process.kill(process.pid)
}

/** CLOCK_MONOTONIC in milliseconds: one clock for all processes of a machine. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6
