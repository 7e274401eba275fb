import { pageFile, type PageFile } from './page-file.js'
import type { Languages, WordTable } from './page-words.js'

/** The parts of a language that browsers request, by the beginnings of their keys. */
const OF_PAGE: Readonly<Record<string, readonly string[]>> = {
  '': ['tile.', 'page.'],
  causes: ['cause.', 'connect.'],
  settings: ['settings.'],
  owner: ['owner.', 'settings.', 'cause.', 'connect.', 'tile.value.'],
}
const OF_PLAYER: Readonly<Record<string, readonly string[]>> = {
  '': ['tile.', 'embed.'],
  causes: OF_PAGE['causes']!,
}
/** Every part says which way its language is written. */
const IN_EACH = 'language.'

export interface WordFiles {
  /** `words/de.json`, `words/de.owner.json`; undefined if there is no such file. */
  get(name: string): PageFile | undefined
}

/** For the viewer page and the owner's page. */
export const wordsOfPage = (languages: Languages): WordFiles => wordFiles(languages, OF_PAGE)

/** For `<rpi-camera>`. */
export const wordsOfPlayer = (languages: Languages): WordFiles => wordFiles(languages, OF_PLAYER)

function wordFiles(languages: Languages, parts: Readonly<Record<string, readonly string[]>>): WordFiles {
  const files = new Map<string, PageFile>()
  const create = (name: string): PageFile | undefined => {
    const [, language = '', part = ''] = /^words\/([a-z]{2,3})(?:\.([a-z]+))?\.json$/.exec(name) ?? []
    const prefixes = Object.hasOwn(parts, part) ? parts[part] : undefined
    const table = languages.table(language)
    return table && prefixes && pageFile(JSON.stringify(partOf(table, prefixes)), 'application/json')
  }
  return {
    get: (name) => {
      const file = files.get(name) ?? create(name)
      if (file !== undefined) files.set(name, file)
      return file
    },
  }
}

const partOf = (table: WordTable, prefixes: readonly string[]): WordTable =>
  Object.fromEntries(
    Object.entries(table).filter(([key]) => [IN_EACH, ...prefixes].some((prefix) => key.startsWith(prefix))),
  )
