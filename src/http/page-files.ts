import { getMimeType } from 'hono/utils/mime'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One file of the page, as it is answered. */
export interface PageFile {
  body: string
  type: string
  etag: string
}

/** What index.html names with `data-inside`, the page is to carry itself: asked for, it would cost a tenth of a second. */
const INSIDE =
  /<script src="\/assets\/([\w-]+\.js)" data-inside><\/script>|<link rel="stylesheet" href="\/assets\/([\w-]+\.css)" data-inside \/>/g
/** Where it is told what it has to know: before its first script. */
const TOLD = '<script type="application/json" id="told"></script>'

export interface PageFiles {
  /** By name: every file of the folder. */
  files: ReadonlyMap<string, PageFile>
  /** What a Content-Security-Policy has to allow for what is inside the page. */
  hashes: { scripts: string[]; styles: string[] }
  /** The page, with everything inside, and what it is told. @param told plain JSON. */
  pageWith: (told: unknown) => PageFile
}

/**
 * Reads the page's files, once: they are a hundred kilobytes, and a slow disk would be asked for twenty of them by every visitor.
 * @throws Error when the folder cannot be read, or its index.html names what is not there.
 */
export function readPageFiles(folder: string): PageFiles {
  const entries = readdirSync(folder, { withFileTypes: true })
  const files = new Map(
    entries
      .filter((entry) => entry.isFile())
      .map(({ name }) => [
        name,
        file(readFileSync(join(folder, name), 'utf8'), getMimeType(name) ?? 'application/octet-stream'),
      ]),
  )
  const bodyOf = (name: string): string => {
    const body = files.get(name)?.body
    if (body === undefined) throw new Error(`the page's folder ${folder} has no ${name}`)
    return body
  }
  const hashes = { scripts: [] as string[], styles: [] as string[] }
  const page = bodyOf('index.html').replaceAll(
    INSIDE,
    (_named, script: string | undefined, style: string) => {
      const body = bodyOf(script ?? style)
      hashes[script === undefined ? 'styles' : 'scripts'].push(hashOf(body))
      return script === undefined ? `<style>${body}</style>` : `<script>${body}</script>`
    },
  )
  const [before = '', after] = page.split(TOLD)
  if (after === undefined) throw new Error(`index.html in ${folder} has no place for what it is told`)
  return {
    files,
    hashes,
    pageWith: (told) => {
      const json = JSON.stringify(told).replaceAll('<', '\\u003c')
      const element = TOLD.replace('><', () => `>${json}<`)
      return file(`${before}${element}${after}`, getMimeType('index.html')!)
    },
  }
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const file = (body: string, type: string): PageFile => ({
  body,
  type,
  etag: `"${createHash('sha256').update(body).digest('base64url')}"`,
})
