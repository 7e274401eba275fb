import { shown } from './values.js'

export interface Problem {
  /** Table and key; empty for the whole file. */
  path: readonly string[]
  /** A sentence whose subject is the key or its value. */
  message: string
  value?: unknown
}

/** Settings that are valid alone and not together. */
export interface Conflict extends Problem {
  /** The keys that were compared. */
  reads: readonly (readonly [string, string])[]
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
    .map(({ problem: { path, message, value }, line }) =>
      [
        line === undefined ? source : `${source}:${line}`,
        ...(path.length === 0 ? [] : [dotted(path)]),
        value === undefined ? message : `${shown(value)} ${message}`,
      ].join(': '),
    )
}

export const dotted = (path: readonly string[]): string => path.map(printable).join('.')

/** A name from the file could contain escape sequences for the terminal. */
const printable = (name: string): string => (/^[\w-]{1,60}$/.test(name) ? name : shown(name))
