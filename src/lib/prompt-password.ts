import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'

/** A longer line was piped in from something else. */
const MAX_LENGTH = 4096

/**
 * Reads one line without its end; undefined if `input` ends, or the user presses Ctrl-C or Ctrl-D.
 * @param terminal receives the question, and no echo of the input; undefined if `input` is not a terminal.
 */
export async function promptPassword(
  question: string,
  input: NodeJS.ReadableStream,
  terminal: NodeJS.WritableStream | undefined,
): Promise<string | undefined> {
  // With `terminal: true` readline puts the input into raw mode and echoes it itself, to this stream.
  const discarded = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input, output: discarded, terminal: terminal !== undefined })
  lines.on('SIGINT', () => lines.close())
  terminal?.write(question)
  const done = new AbortController()
  try {
    const line = once(lines, 'line', { signal: done.signal }).then(([text]) => text as string)
    const end = once(lines, 'close', { signal: done.signal }).then(() => undefined)
    const text = await Promise.race([line, end])
    return text !== undefined && text.length <= MAX_LENGTH ? text : undefined
  } finally {
    done.abort()
    lines.close()
    terminal?.write('\n')
  }
}
