import { endOfStatement, names, tokenise, type Token } from './toml-lines.js'

/** A `key = value` of a TOML text, with offsets, so that the value can be replaced and all else stays. */
export interface TomlEntry {
  /** The full path: of the table, then of the key. */
  path: string[]
  /** Of the value, without spaces and comments around it. */
  valueStart: number
  valueEnd: number
  /** The entries of an inline table. */
  inline: TomlInline | undefined
  /** Where the key begins. */
  keyStart: number
}

export interface TomlInline {
  /** After `{`, and before `}`. */
  start: number
  end: number
  entries: TomlEntry[]
}

export interface TomlTableHeader {
  path: string[]
  /** Where its line begins, and where the line after it begins. */
  lineStart: number
  bodyStart: number
  /** Index of the first statement below it, and of the first that is not. */
  firstEntry: number
  endEntry: number
}

export interface TomlStatements {
  /** In the order of the text. */
  entries: TomlEntry[]
  headers: TomlTableHeader[]
}

/** For a text that the parser accepts: others give meaningless offsets. */
export function tomlStatements(toml: string): TomlStatements {
  const tokens = tokenise(toml)
  const entries: TomlEntry[] = []
  const headers: TomlTableHeader[] = []
  let table: string[] = []
  let start = 0
  while (start < tokens.length) {
    const end = endOfStatement(tokens, start)
    const statement = tokens.slice(start, end)
    start = end + 1
    const first = statement[0]
    if (first === undefined) continue
    if (isMark(first, '[')) {
      const isList = statement[1] !== undefined && isMark(statement[1], '[')
      table = names(statement.slice(isList ? 2 : 1))
      const last = headers.at(-1)
      if (last !== undefined) last.endEntry = entries.length
      const newline = toml.indexOf('\n', first.start)
      headers.push({
        path: table,
        lineStart: lineStartAt(toml, first.start),
        bodyStart: newline === -1 ? toml.length : newline + 1,
        firstEntry: entries.length,
        endEntry: Infinity,
      })
    } else {
      const entry = entryOf(statement, table, toml)
      if (entry !== undefined) entries.push(entry)
    }
  }
  const last = headers.at(-1)
  if (last !== undefined) last.endEntry = entries.length
  return { entries, headers }
}

export const lineStartAt = (text: string, offset: number): number => text.lastIndexOf('\n', offset - 1) + 1

/** Where the line after the one with `offset` begins. */
export function lineEndAt(text: string, offset: number): number {
  const newline = text.indexOf('\n', offset)
  return newline === -1 ? text.length : newline + 1
}

const isMark = (token: Token, text: string): boolean => token.kind === 'mark' && token.text === text

function entryOf(tokens: readonly Token[], table: readonly string[], toml: string): TomlEntry | undefined {
  const equals = tokens.findIndex((token) => isMark(token, '='))
  const last = tokens.at(-1)
  const sign = tokens[equals]
  if (sign === undefined || last === undefined || last === sign) return undefined
  const path = [...table, ...names(tokens.slice(0, equals + 1))]
  // A sign or a dot is no token, so the value begins at the first character that is no space.
  const valueStart = sign.end + /^\s*/.exec(toml.slice(sign.end, last.end))![0].length
  const valueTokens = tokens.slice(equals + 1)
  const open = valueTokens[0]
  const inline =
    open !== undefined && isMark(open, '{') && isMark(last, '}')
      ? { start: open.end, end: last.start, entries: inlineEntries(valueTokens.slice(1, -1), path, toml) }
      : undefined
  return { path, valueStart, valueEnd: last.end, inline, keyStart: tokens[0]!.start }
}

function inlineEntries(tokens: readonly Token[], path: readonly string[], toml: string): TomlEntry[] {
  const entries: TomlEntry[] = []
  let depth = 0
  let from = 0
  for (let i = 0; i <= tokens.length; i++) {
    const token = tokens[i]
    if (token !== undefined && ['[', '{'].some((mark) => isMark(token, mark))) depth++
    if (token !== undefined && [']', '}'].some((mark) => isMark(token, mark))) depth--
    if (token !== undefined && !(depth === 0 && isMark(token, ','))) continue
    const entry = entryOf(tokens.slice(from, i), path, toml)
    if (entry !== undefined) entries.push(entry)
    from = i + 1
  }
  return entries
}
