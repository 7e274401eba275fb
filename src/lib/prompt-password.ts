import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'

/** Nobody types as much; what is longer is another file. */
const LONGEST = 4096

/**
 * One line of `input`, without its end; undefined where `input` ends, or the person breaks off with Ctrl-C or Ctrl-D.
 * @param terminal where what is typed is not to be seen; undefined where `input` is none.
 */
export async function promptPassword(
  question: string,
  input: NodeJS.ReadableStream,
  terminal: NodeJS.WritableStream | undefined,
): Promise<string | undefined> {
  // Told that it writes to a terminal, readline takes the input raw, and nothing is echoed but by itself: into nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input, output: nowhere, terminal: terminal !== undefined })
  lines.on('SIGINT', () => lines.close())
  terminal?.write(question)
  const done = new AbortController()
  try {
    const line = once(lines, 'line', { signal: done.signal }).then(([text]) => text as string)
    const end = once(lines, 'close', { signal: done.signal }).then(() => undefined)
    const text = await Promise.race([line, end])
    return text !== undefined && text.length <= LONGEST ? text : undefined
  } finally {
    done.abort()
    lines.close()
    terminal?.write('\n')
  }
}
