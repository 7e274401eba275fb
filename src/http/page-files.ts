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

/** The script that index.html names where the page is to carry it itself: asked for, it would cost a tenth of a second. */
const NAMED_SCRIPT = /<script src="\/assets\/([\w-]+\.js)"><\/script>/

export interface PageFiles {
  /** By name: every file of the folder. */
  files: ReadonlyMap<string, PageFile>
  /** What a Content-Security-Policy has to allow for the script inside the page, as one of `script-src`. */
  scriptHash: string
  /** The page, with its first script inside, and what that is told. @param told plain JSON. */
  pageWith: (told: unknown) => PageFile
}

/**
 * Reads the page's files, once: they are a hundred kilobytes, and a slow disk would be asked for twenty of them by every visitor.
 * @throws Error when the folder cannot be read, or its index.html names no script.
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
  const index = files.get('index.html')?.body ?? ''
  const [named = '', name = ''] = NAMED_SCRIPT.exec(index) ?? []
  const script = files.get(name)?.body
  if (script === undefined) throw new Error(`${join(folder, 'index.html')} names no script of its folder`)
  const [before = '', after = ''] = index.split(named)
  return {
    files,
    scriptHash: `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
    pageWith: (told) => {
      const data = JSON.stringify(told).replaceAll('<', '\\u003c')
      const json = `<script type="application/json" id="told">${data}</script>`
      return file(`${before}${json}<script>${script}</script>${after}`, getMimeType('index.html')!)
    },
  }
}

const file = (body: string, type: string): PageFile => ({
  body,
  type,
  etag: `"${createHash('sha256').update(body).digest('base64url')}"`,
})
