import type { PageFile } from './page-file.js'

/** The module of <rpi-camera>, in the page's folder. */
const MODULE = 'rpi-camera.js'

const COMMENT = /\/\*[\s\S]*?\*\//g
const STATIC_IMPORT = /\bfrom '\.\/([\w-]+\.js)'/g
/** Modules on first use, and style sheets. */
const LATER = /\bimport\('\.\/([\w-]+\.js)'\)|\bnew URL\('\.\/([\w-]+\.css)', import\.meta\.url\)/g

export interface PlayerFiles {
  /** The text of `/rpi-camera.js`. */
  entry: string
  /** By name: all that pages of other origins may load. */
  files: ReadonlyMap<string, PageFile>
}

/**
 * The files of <rpi-camera>: what its module imports, and nothing else of the page.
 * @param page every file of the page, by name.
 * @throws Error when one of them is missing.
 */
export function playerFiles(page: ReadonlyMap<string, PageFile>): PlayerFiles {
  const files = new Map<string, PageFile>()
  const early = new Set<string>()
  const add = (name: string, isEarly: boolean): void => {
    if (isEarly ? early.has(name) : files.has(name)) return
    const file = page.get(name)
    if (file === undefined) throw new Error(`the page's folder has no ${name}, which ${MODULE} needs`)
    files.set(name, file)
    if (isEarly) early.add(name)
    const code = file.body.replaceAll(COMMENT, '')
    for (const [, imported] of code.matchAll(STATIC_IMPORT)) add(imported!, isEarly)
    for (const [, imported, style] of code.matchAll(LATER)) add((imported ?? style)!, false)
  }
  add(MODULE, true)
  return { entry: entryOf([...early]), files }
}

/** Names every module that is needed at once, so that a browser requests them together and not one after the other. */
const entryOf = (names: string[]): string =>
  [
    ...names.filter((name) => name !== MODULE).map((name) => `import ${addressOf(name)}`),
    `export * from ${addressOf(MODULE)}`,
    '',
  ].join('\n')

/** Relative to `/rpi-camera.js`. */
const addressOf = (name: string): string => `'./player/${name}'`
