/** A line that differs, with its number in the text that has it, from 1. */
export interface ChangedLine {
  sign: '-' | '+'
  number: number
  text: string
}

/** Beyond it, all lines between the first and the last difference count as changed. The table below has this many numbers at most. */
const MAX_CELLS = 250_000

/** The lines that differ between two texts, in the order of the texts, removed before added. Line ends do not count. */
export function changedLines(before: string, after: string): ChangedLine[] {
  const [a, b] = [linesOf(before), linesOf(after)]
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++
  const [oldLines, newLines] = [a.slice(start, a.length - end), b.slice(start, b.length - end)]
  const kept = commonLines(oldLines, newLines)
  return betweenKept(oldLines, newLines, kept).map((line) => ({ ...line, number: line.number + start }))
}

/** A line end at the end of the text does not begin another line. */
function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  return lines
}

function betweenKept(
  a: readonly string[],
  b: readonly string[],
  kept: readonly (readonly [number, number])[],
): ChangedLine[] {
  const changes: ChangedLine[] = []
  let [i, j] = [0, 0]
  for (const [nextI, nextJ] of [...kept, [a.length, b.length] as const]) {
    for (; i < nextI; i++) changes.push({ sign: '-', number: i + 1, text: a[i]! })
    for (; j < nextJ; j++) changes.push({ sign: '+', number: j + 1, text: b[j]! })
    i++
    j++
  }
  return changes
}

/** Indexes of a longest common subsequence. */
function commonLines(a: readonly string[], b: readonly string[]): [number, number][] {
  if (a.length * b.length > MAX_CELLS) return []
  const width = b.length + 1
  const lengths = new Uint32Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * width + j] =
        a[i] === b[j]
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!)
  const pairs: [number, number][] = []
  let [i, j] = [0, 0]
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) pairs.push([i++, j++])
    else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) i++
    else j++
  }
  return pairs
}
