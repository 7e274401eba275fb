/** Line numbers of the keys of a TOML text. The parser returns values only. */
export interface TomlLines {
  /** Line of a key, from 1; if the text does not have the key, line of the nearest table around it. */
  readonly lineOf: (path: readonly string[]) => number | undefined
  /** The first duplicate key or table header. */
  readonly twice: { path: string[]; first: number; second: number } | undefined
  /** A key that is a property of every object, such as `__proto__` or `constructor`. */
  readonly forbidden: { name: string; line: number } | undefined
}

export interface Token {
  kind: 'word' | 'text' | 'newline' | 'mark'
  text: string
  line: number
  /** Offsets in the text. */
  start: number
  end: number
}

/** Never throws: in a text that is not TOML it finds as many keys as it can. */
export function tomlLines(toml: string): TomlLines {
  const tokens = tokenise(toml)
  const lines = new Map<string, number>()
  const headers = new Map<string, number>()
  let twice: TomlLines['twice']
  for (const { path, line, kind } of keysOf(tokens)) {
    const id = idOf(path)
    const first = kind === 'header' ? headers.get(id) : lines.get(id)
    if (first !== undefined && kind !== 'list') twice ??= { path, first, second: line }
    if (kind === 'header') headers.set(id, line)
    if (!lines.has(id)) lines.set(id, line)
  }
  return {
    lineOf: (path) => {
      for (let length = path.length; length > 0; length--) {
        const line = lines.get(idOf(path.slice(0, length)))
        if (line !== undefined) return line
      }
      return undefined
    },
    twice,
    forbidden: forbiddenKey(tokens),
  }
}

const idOf = (path: readonly string[]): string => JSON.stringify(path)

/** An unclosed quote consumes the rest of its line or text. Otherwise every later quote would be tried again. */
const TOKEN =
  /#[^\n]*|("""(?:\\[^]|[^\\])*?"""|'''[^]*?'''|"(?!"")(?:\\.|[^"\\\n])*"|'(?!'')[^'\n]*')|"""[^]*|'''[^]*|["'][^\n]*|([A-Za-z0-9_-]+)|(\n)|([[\]{}=.,])|[^]/gy

export function tokenise(toml: string): Token[] {
  const tokens: Token[] = []
  let line = 1
  for (const match of toml.matchAll(TOKEN)) {
    const [all, text, word, newline, mark] = match
    const at = { line, start: match.index, end: match.index + all.length }
    if (text !== undefined) tokens.push({ kind: 'text', text: unquote(text), ...at })
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, ...at })
    else if (newline !== undefined) tokens.push({ kind: 'newline', text: newline, ...at })
    else if (mark !== undefined) tokens.push({ kind: 'mark', text: mark, ...at })
    for (const char of all) if (char === '\n') line++
  }
  return tokens
}

/** Only keys are compared, so escapes that JSON does not know may stay. */
function unquote(text: string): string {
  if (!text.startsWith('"')) return text.slice(1, -1)
  try {
    return JSON.parse(text.replaceAll(/\\U([0-9a-fA-F]{8})/g, (_, hex: string) => codePoint(hex))) as string
  } catch {
    return text.slice(1, -1)
  }
}

function codePoint(hex: string): string {
  const code = Number.parseInt(hex, 16)
  return code <= 0x10ffff ? String.fromCodePoint(code) : ''
}

/** Every `key = value` and `[header]` in order, with its full path. */
function* keysOf(
  tokens: readonly Token[],
): Generator<{ path: string[]; line: number; kind: 'header' | 'list' | 'key' }> {
  let table: string[] = []
  let start = 0
  while (start < tokens.length) {
    const end = endOfStatement(tokens, start)
    const statement = tokens.slice(start, end)
    start = end + 1
    const first = statement[0]
    if (first === undefined) continue
    if (first.text === '[' && first.kind === 'mark') {
      const isList = statement[1]?.kind === 'mark' && statement[1].text === '['
      table = names(statement.slice(isList ? 2 : 1))
      yield { path: table, line: first.line, kind: isList ? 'list' : 'header' }
    } else {
      yield { path: [...table, ...names(statement)], line: first.line, kind: 'key' }
    }
  }
}

/** A statement ends with its line, unless a list or an inline table is still open. */
export function endOfStatement(tokens: readonly Token[], start: number): number {
  let depth = 0
  for (let i = start; i < tokens.length; i++) {
    const { kind, text } = tokens[i]!
    if (kind === 'newline' && depth <= 0) return i
    if (kind !== 'mark') continue
    if (text === '[' || text === '{') depth++
    if (text === ']' || text === '}') depth--
  }
  return tokens.length
}

export function names(tokens: readonly Token[]): string[] {
  const end = tokens.findIndex(({ kind, text }) => kind === 'mark' && text !== '.')
  return tokens
    .slice(0, end === -1 ? undefined : end)
    .filter(({ kind }) => kind === 'word' || kind === 'text')
    .map(({ text }) => text)
}

/** @iarna/toml 3 follows dotted keys with `target[name]`: `constructor.x = 1` writes to the global `Object` (measured). */
function forbiddenKey(tokens: readonly Token[]): TomlLines['forbidden'] {
  const found = tokens.find(({ kind, text }, i) => {
    if ((kind !== 'word' && kind !== 'text') || !(text in Object.prototype)) return false
    const next = tokens[i + 1]
    return next?.kind === 'mark' && ['.', '=', ']'].includes(next.text)
  })
  return found === undefined ? undefined : { name: found.text, line: found.line }
}
