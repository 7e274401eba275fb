import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The documentation as the tests read it. Paths are relative to the repository. */

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Page {
  path: string
  text: string
}

export const readFile = (path: string): string => readFileSync(`${root}/${path}`, 'utf8')
export const fileExists = (path: string): boolean => existsSync(`${root}/${path}`)
export const filesBelow = (folder: string, extension: RegExp): string[] =>
  readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => extension.test(name))
    .map((name) => `${folder}/${name}`)

const pageAt = (path: string): Page => ({ path, text: readFile(path) })

/** Every page, in no particular order. */
export const PAGES: readonly Page[] = [
  ...['README.md', 'SECURITY.md', 'CHANGELOG.md', 'CONTRIBUTING.md'].filter(fileExists),
  ...filesBelow('docs', /\.md$/),
].map(pageAt)

/** The pages that describe the program as it is. Others may name what no longer exists. */
export const CURRENT_PAGES = PAGES.filter(({ path }) => !/^(?:CHANGELOG\.md|docs\/adr\/.*)$/.test(path))

const FENCED = /^ *```(\w*)\n(.*?)^ *```/gms

export const proseOf = (text: string): string => text.replaceAll(FENCED, '')

export const codeBlocks = (text: string, language: string): string[] =>
  Array.from(text.matchAll(FENCED)).flatMap(([, name, code]) => (name === language ? [code!] : []))

/** Inline code, outside of code blocks. In a table a "|" is written as "\|". */
export const codeSpans = (text: string): string[] =>
  Array.from(proseOf(text).matchAll(/`([^`\n]+)`/g), ([, code]) => code!.replaceAll('\\|', '|'))

/** What each page names of a kind and should not, as "page: name". */
export const wrongNames = (
  namesIn: (text: string) => string[],
  isRight: (name: string) => boolean,
): string[] =>
  CURRENT_PAGES.flatMap(({ path, text }) =>
    namesIn(text)
      .filter((name) => !isRight(name))
      .map((name) => `${path}: ${name}`),
  )
