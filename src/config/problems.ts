import { shown } from './values.js'

/** Something wrong with the file, before it has a line. */
export interface Problem {
  /** Table and key; empty where the file as a whole is meant. */
  path: readonly string[]
  /** What is wrong and how to fix it, as a sentence whose subject is the key or its value. */
  message: string
  /** The value given, where there is one to show. */
  value?: unknown
}

/** `config.toml:12: camera1.width: 33 is odd: write 32`, in the order of the lines. */
export function problemLines(
  problems: readonly Problem[],
  source: string,
  lineOf: (path: readonly string[]) => number | undefined,
): string[] {
  return problems
    .map((problem) => ({ problem, line: lineOf(problem.path) }))
    .sort((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity) || 0)
    .map(({ problem: { path, message: says, value }, line }) =>
      [
        line === undefined ? source : `${source}:${line}`,
        ...(path.length === 0 ? [] : [dotted(path)]),
        value === undefined ? says : `${shown(value)} ${says}`,
      ].join(': '),
    )
}

/** `camera1.width` */
export const dotted = (path: readonly string[]): string => path.map(printable).join('.')

/** Names come from the file, and the message goes to a terminal. */
const printable = (name: string): string => (/^[\w-]{1,60}$/.test(name) ? name : shown(name))
