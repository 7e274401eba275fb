import { createRequire } from 'node:module'
import type * as iarnaToml from '@iarna/toml'
import { foreignFile } from './foreign-files.js'
import { SECRET_KEYS } from './sensitive-keys.js'
import { dotted } from './problems.js'
import { ConfigError } from '../errors.js'
import { tomlLines, type TomlLines } from '../lib/toml-lines.js'

/** The parser alone, by require(): 7 ms. import() takes 17 ms, and the whole package twice as long. */
const require = createRequire(import.meta.url)
const parse = require('@iarna/toml/parse-string.js') as typeof iarnaToml.parse

export type TomlTable = Record<string, unknown>

/** A configuration of 99 cameras has a tenth of this. */
const MAX_FILE_BYTES = 256 * 1024

/** @throws ConfigError if the bytes are not UTF-8, or too many. */
export function decodeToml(bytes: Uint8Array, source: string): string {
  if (bytes.length > MAX_FILE_BYTES) {
    throw new ConfigError(
      [`the file has ${bytes.length} bytes, more than ${MAX_FILE_BYTES}: this is not a configuration`],
      source,
    )
  }
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    throw new ConfigError(['the file is UTF-16: save it as UTF-8'], source)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new ConfigError([`the file is not UTF-8${firstBadLine(bytes)}: save it as UTF-8`], source)
  }
}

function firstBadLine(bytes: Uint8Array): string {
  const decoded = new TextDecoder('utf-8').decode(bytes)
  const bad = decoded.indexOf('\uFFFD')
  return bad === -1 ? '' : ` (line ${decoded.slice(0, bad).split('\n').length})`
}

/** @throws ConfigError with line and column if the text is not TOML. */
export function parseToml(
  written: string,
  source: string,
): { tables: TomlTable; lineOf: TomlLines['lineOf'] } {
  const text = written.replaceAll('\r\n', '\n') // @iarna/toml rejects the \r of a comment as a control character
  if (text.length > MAX_FILE_BYTES) {
    throw new ConfigError(
      [`the text has ${text.length} characters, more than ${MAX_FILE_BYTES}: this is not a configuration`],
      source,
    )
  }
  const { lineOf, twice, forbidden } = tomlLines(text)
  if (forbidden !== undefined) {
    throw new ConfigError(
      [`${source}:${forbidden.line}: ${forbidden.name}: cannot be the name of a table or key`],
      source,
    )
  }
  try {
    return { tables: parse(text), lineOf }
  } catch (error) {
    const foreign = foreignFile(text)
    if (foreign !== undefined) throw new ConfigError([`${source}: ${foreign}`], source)
    throw new ConfigError([`${source}:${explain(error as TomlError, text, twice)}`], source)
  }
}

/** An error of @iarna/toml: line from 0; column from 0, but from 1 on the first line (measured). */
type TomlError = Error & { line?: number; col?: number }

/** Such a line is not printed: a password whose quote is missing is still a password. Servers have keys in the url of a push. */
const MAY_BE_SECRET = new RegExp([...SECRET_KEYS, 'url'].join('|'), 'i')

function explain(error: TomlError, text: string, twice: TomlLines['twice']): string {
  if (/redefine|extend/i.test(error.message) && twice !== undefined) {
    return `${twice.second}: ${dotted(twice.path)}: is written twice (first on line ${twice.first}): delete one of them`
  }
  const line = error.line ?? 0
  const whole = text.split('\n')[line] ?? ''
  const written = whole.trim()
  const column = Math.min(Math.max(1, (error.col ?? 0) + (line === 0 ? 0 : 1)), whole.length + 1)
  const shown = MAY_BE_SECRET.test(written) ? '' : written.replaceAll(/\p{Cc}/gu, '?').slice(0, 60)
  return `${line + 1}:${column}: ${sentenceFor(error.message, written)}${shown === '' ? '' : `, in: ${shown}`}`
}

const SENTENCES: readonly (readonly [RegExp, string])[] = [
  [/redefine|extend/i, 'this table or key is written twice: delete one of them'],
  [
    /unterminated (multi-line )?string/i,
    'the quote is not closed: end the text with the quote it begins with',
  ],
  [/escape/i, 'a backslash is an escape in double quotes: write the text in single quotes'],
  [
    /unicode sequence|invalid unicode/i,
    'the \\u in this text is not a character: write the character itself',
  ],
  [/control characters/i, 'there is a control character in this line: delete it and write the line again'],
  [
    /unterminated inline array|comma \(,\)/i,
    'a list is written ["first", "second"], with commas between the values and ] at its end',
  ],
  [/inline tables/i, 'a comma too many in the braces: delete it'],
  [
    /expected whitespace, \. or \]|bare key|key ended/i,
    'a table name is one word in brackets, such as [camera1]',
  ],
  [/expected "="/i, 'after the key comes "=": write key = value'],
  [
    /till end of line/i,
    'the line continues after the value: text needs quotes, numbers have no units, a comment begins with #',
  ],
  [
    /key without value|expecting string|boolean|"inf"|"nan"/i,
    'there is no value here: text needs quotes, true and false are small letters',
  ],
  [
    /number|digit|date|year|month|hyphen/i,
    'this is not a number: write it without unit, leading zero or spaces, text in quotes',
  ],
  [/unknown character/i, 'a line begins with a key, a [table] or a # comment'],
]

function sentenceFor(message: string, written: string): string {
  if (/[“”„‘’]/.test(written)) return 'these are typographic quotes: write straight ones, "like this"'
  const known = SENTENCES.find(([pattern]) => pattern.test(message))
  return known === undefined ? message.replace(/ at row [^]*$/, '') : known[1]
}
