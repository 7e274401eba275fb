import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from 'hono'
import { preferredLanguage } from '../../lib/accept-language.js'
import { queryValue } from '../../lib/query.js'

/** A sentence, or its plural forms (CLDR) by the parameter `count`. */
export type WordTable = Readonly<Record<string, string | Readonly<Record<string, string>>>>

/** The words of one language, for pages that the server writes. */
export interface PageWords {
  language: string
  direction: string
  has(key: string): boolean
  text(key: string, parameters?: Record<string, string | number>): string
}

/** Every language of the page, from the files in static/words that the page itself uses. */
export interface Languages {
  /** Of a language, undefined without its file. */
  table(language: string): WordTable | undefined
  /** In the language of `?lang=`, or in that which the browser prefers, or in English. */
  of(c: Context): PageWords
}

/** What the choice depends on, for caches (RFC 9110 section 12.5.5). */
export const LANGUAGE_VARY = 'accept-language'

/**
 * Reads the files once. Few of them are ever used, so each is parsed on first use.
 * @param staticDir the folder of the page.
 * @throws Error when a file cannot be read, or there is none of English.
 */
export function readLanguages(staticDir: string): Languages {
  const folder = join(staticDir, 'words')
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
  const unparsed = new Map(
    names.map((name) => [name.slice(0, -'.json'.length), readFileSync(join(folder, name), 'utf8')]),
  )
  if (!unparsed.has('en')) throw new Error(`the page's folder ${folder} has no en.json`)
  const available = new Set(unparsed.keys())
  const tables = new Map<string, WordTable>()
  const table = (language: string): WordTable | undefined => {
    const text = unparsed.get(language)
    if (text === undefined) return undefined
    const parsed = tables.get(language) ?? (JSON.parse(text) as WordTable)
    tables.set(language, parsed)
    return parsed
  }
  return {
    table,
    of: (c) => {
      const wanted = preferredLanguage(queryValue(c.req.url, 'lang') ?? '', available)
      const language = wanted ?? preferredLanguage(c.req.header('accept-language') ?? '', available) ?? 'en'
      return wordsOf(language, table(language)!)
    },
  }
}

function wordsOf(language: string, table: WordTable): PageWords {
  const formOf = (forms: Readonly<Record<string, string>>, count: unknown): string =>
    forms[new Intl.PluralRules(language).select(Number(count))] ?? forms['other']!
  return {
    language,
    direction: table['language.direction'] === 'rtl' ? 'rtl' : 'ltr',
    has: (key) => Object.hasOwn(table, key),
    text: (key, parameters = {}) => {
      const found = Object.hasOwn(table, key) ? table[key]! : key
      const sentence = typeof found === 'string' ? found : formOf(found, parameters['count'])
      return sentence.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(parameters[name] ?? ''))
    },
  }
}
