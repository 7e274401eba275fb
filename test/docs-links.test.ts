import { posix } from 'node:path'
import { expect, test } from 'vitest'
import { fileExists, PAGES, proseOf, readFile } from './support/docs.js'

/** Links of the documentation lead somewhere, and README.md stays short. */

/** Anchors as GitHub makes them from headings. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>()
  for (const [, heading] of proseOf(text).matchAll(/^#{1,6} +(.+?)\s*$/gm)) {
    const name = heading!
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}\s_-]/gu, '')
      .replaceAll(/\s/g, '-')
    let anchor = name
    for (let count = 1; anchors.has(anchor); count++) anchor = `${name}-${count}`
    anchors.add(anchor)
  }
  return anchors
}

interface Link {
  page: string
  target: string
  /** Relative to the repository. */
  path: string
  anchor: string | undefined
}

function linksOf({ path: page, text }: { path: string; text: string }): Link[] {
  const prose = proseOf(text).replaceAll(/`[^`\n]*`/g, '')
  return Array.from(prose.matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g), ([, inText, inTag]) => {
    const target = (inText ?? inTag)!
    const [path = '', anchor] = target.split('#')
    return { page, target, path: path === '' ? page : posix.join(posix.dirname(page), path), anchor }
  }).filter(({ target }) => !/^(?:https?|mailto):/.test(target))
}

const links = PAGES.flatMap(linksOf)
const written = ({ page, target }: Link): string => `${page}: ${target}`

test('every relative link of the documentation leads to a file or a folder', () => {
  expect(links.length).toBeGreaterThan(50)
  expect(links.filter(({ path }) => !fileExists(path)).map(written)).toEqual([])
})

test('every anchor of a link is a heading', () => {
  const broken = links.filter(
    ({ path, anchor }) =>
      anchor !== undefined &&
      path.endsWith('.md') &&
      fileExists(path) &&
      !anchorsOf(readFile(path)).has(anchor),
  )
  expect(broken.map(written)).toEqual([])
})

test('every page of docs/ is linked from its index', () => {
  const linked = links.filter(({ page }) => page === 'docs/README.md').map(({ path }) => path)
  const pages = PAGES.map(({ path }) => path).filter((path) => /^docs\/[^/]+\.md$/.test(path))
  expect(pages.filter((path) => path !== 'docs/README.md' && !linked.includes(path))).toEqual([])
})

test('README.md has at most 900 words, and the line that runs all tests', () => {
  const readme = readFile('README.md')
  expect(readme.split(/\s+/).filter(Boolean).length).toBeLessThanOrEqual(900)
  expect(readme.split('\n')).toContain('npm run setup && npm test')
})
