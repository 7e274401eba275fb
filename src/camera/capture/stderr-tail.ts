const NEWLINE = 10

export interface StderrTail {
  push(chunk: Uint8Array): void
  /** Oldest first, including the unfinished last line. */
  lines(): readonly string[]
}

/**
 * Keeps the last `keptLines` lines, each cut to `keptBytes`: a child that writes without end, or without a newline,
 * costs no more memory.
 */
export function createStderrTail(
  keptLines: number,
  keptBytes: number,
  onLine: (line: string) => void = () => {},
): StderrTail {
  const lines: string[] = []
  const current = new Uint8Array(keptBytes)
  let length = 0
  const text = (): string => new TextDecoder().decode(current.subarray(0, length))

  const finishLine = (): void => {
    const line = text()
    length = 0
    lines.push(line)
    if (lines.length > keptLines) lines.shift()
    onLine(line)
  }
  const append = (piece: Uint8Array): void => {
    const fits = piece.subarray(0, keptBytes - length)
    current.set(fits, length)
    length += fits.length
  }
  return {
    push(chunk) {
      let from = 0
      for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
        append(chunk.subarray(from, end))
        finishLine()
        from = end + 1
      }
      append(chunk.subarray(from))
    },
    lines: () => (length === 0 ? [...lines] : [...lines, text()].slice(-keptLines)),
  }
}
