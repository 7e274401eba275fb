import { getMimeType } from 'hono/utils/mime'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { escapeHtml } from './html.js'
import { pageFile, type PageFile } from './page-file.js'
import type { PageWords } from './page-words.js'

/** The folder also has files for the type checker. */
const SERVED = /\.(?:html|js|css|svg)$/
/** Scripts and style sheets that index.html marks `data-inline`: requesting them would cost a tenth of a second. */
const INLINE =
  /<script src="[./]*assets\/([\w-]+\.js)" data-inline><\/script>|<link rel="stylesheet" href="[./]*assets\/([\w-]+\.css)" data-inline \/>/g
/** JSDoc that has its lines for itself: more than a fifth of the scripts, of use only to readers of the source. */
const DOCUMENTATION = /^[ \t]*\/\*\*(?:(?!\*\/)[\s\S])*\*\/[ \t]*\n/gm
/** An inlined file is a classic script, which runs at once; <rpi-camera> imports the same file as a module. */
const EXPORT = /^export (?=function )/gm
/** The start of an address in index.html, which has them relative to the server's root. */
const ADDRESS = /(?<= (?:href|src)=")(?=assets\/|favicon\.)/g
/** A word in HTML: `{{page.title}}`. */
const WORD = /\{\{([\w.-]+)\}\}/g
/** Where index.html receives its bootstrap data: before its first script. */
const BOOTSTRAP = '<script type="application/json" id="bootstrap"></script>'

export interface PageFiles {
  /** By name: every file that browsers may request. */
  files: ReadonlyMap<string, PageFile>
  /** The hashes of the inlined scripts and style sheets, for the Content-Security-Policy. */
  hashes: { scripts: string[]; styles: string[] }
  /**
   * The page with its inlined files and its bootstrap data.
   * @param bootstrap plain JSON. @param camera the key of the only camera, for the page one level below the root.
   */
  pageWith: (bootstrap: unknown, camera: string | undefined, words: PageWords) => PageFile
  ownerPage: (words: PageWords) => PageFile
}

/**
 * Reads the page's files once, 230 kB in all: a slow SD card would delay the fifty requests of each page load.
 * @throws Error when the folder cannot be read or lacks a file that index.html inlines.
 */
export function readPageFiles(folder: string): PageFiles {
  const names = readdirSync(folder).filter((name) => SERVED.test(name))
  const files = new Map(
    names.map((name) => [name, pageFile(textOf(readFileSync(join(folder, name), 'utf8')), typeOf(name))]),
  )
  const bodyOf = (name: string): string => {
    const body = files.get(name)?.body
    if (body === undefined) throw new Error(`the page's folder ${folder} has no ${name}`)
    return body
  }
  const scriptOf = (name: string): string => bodyOf(name).replaceAll(EXPORT, '')
  const hashes = { scripts: [] as string[], styles: [] as string[] }
  const index = bodyOf('index.html')
  for (const [, script, style] of index.matchAll(INLINE)) {
    if (script !== undefined) hashes.scripts.push(hashOf(scriptOf(script)))
    else hashes.styles.push(hashOf(bodyOf(style!)))
  }
  const pageAt = (root: string): string =>
    index
      .replaceAll(ADDRESS, root)
      .replaceAll(INLINE, (_element, script: string | undefined, style: string) =>
        script === undefined ? `<style>${bodyOf(style)}</style>` : `<script>${scriptOf(script)}</script>`,
      )
  const pages = { all: pageAt('./'), one: pageAt('../') }
  const pageIn = onceFor((words, page: keyof typeof pages) => worded(pages[page], words).split(BOOTSTRAP))
  if (!index.includes(BOOTSTRAP))
    throw new Error(`index.html in ${folder} has no element for its bootstrap data`)
  return {
    files,
    hashes,
    ownerPage: onceFor((words) => pageFile(worded(bodyOf('owner.html'), words), typeOf('owner.html'))),
    pageWith: (bootstrap, camera, words) => {
      const [before, after] = pageIn(words, camera === undefined ? 'all' : 'one')
      const json = JSON.stringify(bootstrap).replaceAll('<', '\\u003c')
      const attribute = camera === undefined ? '' : ` data-page="${camera}"`
      const element = BOOTSTRAP.replace('><', () => `${attribute}>${json}<`)
      return pageFile(`${before}${element}${after}`, typeOf('index.html'))
    },
  }
}

/** The words that are needed without scripts, and before those of the page have loaded. */
const worded = (html: string, words: PageWords): string =>
  html.replaceAll(WORD, (_, key: string) => {
    if (key === 'language' || key === 'direction') return words[key]
    return escapeHtml(words.text(key))
  })

/** Remembers the result for each language. */
function onceFor<Rest extends string[], Result>(
  create: (words: PageWords, ...rest: Rest) => Result,
): (words: PageWords, ...rest: Rest) => Result {
  const made = new Map<string, Result>()
  return (words, ...rest) => {
    const key = [words.language, ...rest].join()
    const result = made.get(key) ?? create(words, ...rest)
    made.set(key, result)
    return result
  }
}

const textOf = (source: string): string => source.replaceAll(DOCUMENTATION, '')

const typeOf = (name: string): string => getMimeType(name) ?? 'application/octet-stream'

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
