import { lineEndAt, lineStartAt, type TomlEntry, type TomlStatements } from '../lib/toml-statements.js'
import type { ControlValue } from './controls.js'

/** A piece of the text to replace. */
export interface Edit {
  start: number
  end: number
  text: string
}

export const applyEdits = (toml: string, edits: readonly Edit[]): string =>
  [...edits]
    .sort((a, b) => b.start - a.start)
    .reduce((text, { start, end, text: piece }) => text.slice(0, start) + piece + text.slice(end), toml)

export const newlineOf = (toml: string): string => (/\r\n/.test(toml) ? '\r\n' : '\n')

/** A value in the form of the file. */
export function tomlValue(value: ControlValue): string {
  if (typeof value === 'object') {
    // TOML 0.5 does not allow integers beside fractions in a list.
    const isWhole = value.every((one) => Number.isInteger(one))
    return `[${value.map((one) => (isWhole || !Number.isInteger(one) ? String(one) : `${one}.0`)).join(', ')}]`
  }
  // JSON has the escapes of TOML; U+007F alone is not escaped by it.
  return typeof value === 'string' ? JSON.stringify(value).replaceAll('\u007F', '\\u007F') : String(value)
}

export const samePath = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name, i) => name === b[i])

export const replacement = ({ valueStart, valueEnd }: TomlEntry, value: ControlValue): Edit => ({
  start: valueStart,
  end: valueEnd,
  text: tomlValue(value),
})

/** The whole line goes; a comment behind the value stays, in a line of its own. */
export function removal(toml: string, { keyStart, valueEnd }: TomlEntry): Edit {
  const start = lineStartAt(toml, keyStart)
  const end = lineEndAt(toml, valueEnd)
  const comment = toml.slice(valueEnd, end).trimStart()
  return { start, end, text: comment.startsWith('#') ? toml.slice(start, keyStart) + comment : '' }
}

/** Above the next header, the comments directly above it, and the blank lines above those. */
export function endOfTable(
  toml: string,
  headers: TomlStatements['headers'],
  home: TomlStatements['headers'][number],
): number {
  const next = headers[headers.indexOf(home) + 1]
  let at = next?.lineStart ?? toml.length
  const lineBefore = (): string => toml.slice(at === 0 ? 0 : lineStartAt(toml, at - 1), at)
  if (next !== undefined)
    while (at > home.bodyStart && /^[ \t]*#/.test(lineBefore())) at = lineStartAt(toml, at - 1)
  while (at > home.bodyStart && lineBefore().trim() === '') at = lineStartAt(toml, at - 1)
  return at
}

/** The last line of a file may lack its line end. */
export function insertAt(toml: string, at: number, text: string, newline: string): Edit {
  const isOpen = at > 0 && toml[at - 1] !== '\n'
  return { start: at, end: at, text: isOpen ? newline + text : text }
}

export const tomlKey = (name: string): string => (/^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name))
