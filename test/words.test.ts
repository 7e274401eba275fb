import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'

/**
 * Words that names of files and identifiers do not use, and what to use instead: the word of the RFC, the W3C or GStreamer, or
 * the one an engineer would search for. docs/glossary.md explains those. "in step" stands for inStep, in-step and IN_STEP.
 * Words with a second, ordinary meaning in this code are not listed.
 */
const BANNED: readonly (readonly [word: string, instead: string])[] = [
  // Errors and timers
  ['behalf', 'error context'],
  ['stray error', 'uncaught error'],
  ['stray errors', 'uncaught errors'],
  ['in step', 'aligned interval'],
  // SRTP
  ['srtp lanes', 'SrtpBatch'],
  ['lane stream', 'batch stream'],
  ['srtp kernel', 'SimdModule'],
  ['forsake', 'replace'],
  ['packet buffer', 'send buffer'],
  // Viewers
  ['seat', 'session setup'],
  ['seated', 'viewer session'],
  ['roster', 'viewer list'],
  ['invite', 'server offer'],
  ['invited', 'server offered'],
  ['invitation', 'server offer'],
  ['accounts', 'counters'],
  ['viewer figures', 'viewer stats'],
  ['viewer feed', 'delivery'],
  ['viewer sink', 'outgoing stream'],
  ['paced reader', 'pacer'],
  ['repair', 'retransmit'],
  ['repairer', 'retransmitter'],
  ['strained', 'overuse'],
  ['jammed', 'severe'],
  ['left out', 'dropped'],
  // WebRTC library
  ['native curve', 'x25519'],
  ['werift inside', 'werift internals'],
  ['connection inside', 'connection internals'],
  ['protocol inside', 'protocol internals'],
  ['pair inside', 'pair internals'],
  ['first handshake', 'DTLS warm-up'],
  ['shake hands', 'warm up DTLS'],
  ['direct send', 'fast send'],
  // HTTP
  ['door', 'listener, or entry point'],
  ['doors', 'listeners'],
  ['guesser', 'login throttle'],
  ['guesses', 'login throttle'],
  ['create judge', 'create authenticator'],
  ['visitors', 'clients'],
  ['dialect', 'compat protocol'],
  ['dialects', 'compat protocols'],
  // Configuration and commands
  ['surroundings', 'server environment'],
  ['complain', 'print error, or log'],
  ['complained', 'logged'],
  ['sort out', 'partition'],
  ['clash', 'conflict'],
  ['clashes', 'conflicts'],
  ['homes of', 'tables having key'],
  ['near miss', 'suggest'],
  // Cameras
  ['gate', 'start queue'],
  ['picture feed', 'snapshot reader'],
  ['picture branch', 'snapshot branch'],
  ['lasting name', 'stable path'],
  ['liveness', 'stall check'],
  ['standstill', 'stall'],
  // The page
  ['head start', 'boot'],
  // Tests and benchmarks
  ['comer', 'joiner'],
  ['comers', 'joiners'],
  ['come and go', 'churn'],
  ['doomed', 'failing'],
  ['unruly', 'misbehaving'],
  ['far watcher', 'remote viewer'],
  ['bare relay', 'baseline relay'],
  ['create chance', 'create random'],
  // Verbs in a private sense
  ['told', 'notified, reported'],
  ['tell', 'notify, report'],
]

/** Verbs that no name begins with: standard verbs are more exact. Later in a name they are ordinary words. */
const BANNED_AS_FIRST: readonly (readonly [word: string, instead: string])[] = [
  ['take', 'parse, apply, accept or handle'],
  ['look', 'sample or snapshot'],
  ['say', 'log or report'],
]

const FOLDERS = ['src', 'static', 'test', 'e2e', 'bench']

interface Name {
  /** Where it is: `src/camera/spawn.ts`, or with its line, `src/camera/spawn.ts:12`. */
  at: string
  name: string
  /** Its words between hyphens: `-open-udp-mux-`. */
  words: string
}

/** `openUdpMux`, `open-udp-mux`, `OPEN_UDP_MUX` -> `-open-udp-mux-`. */
const wordsOf = (name: string): string =>
  `-${name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1-$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .replaceAll(/[^A-Za-z\d]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .toLowerCase()}-`

/** Fields of JSON and metrics (snake_case) keep their old spelling as an alias for a release. */
const isOfTheWire = (name: string): boolean => /[a-z\d]_[a-z]/.test(name)

/** The identifiers of a source file, each once, where it comes first. Comments and strings have none. */
function identifiersIn(file: string, text: string): Name[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest)
  const found = new Map<string, Name>()
  const search = (node: ts.Node): void => {
    if ((ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) && !found.has(node.text)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source))
      found.set(node.text, { at: `${file}:${line + 1}`, name: node.text, words: wordsOf(node.text) })
    }
    ts.forEachChild(node, search)
  }
  search(source)
  return [...found.values()].filter(({ name }) => !isOfTheWire(name))
}

/** The folders and the file of a path, each a name of its own. */
const namesOfPath = (path: string): Name[] =>
  path.split('/').map((name) => ({ at: path, name, words: wordsOf(name) }))

const namesWith = (names: Name[], word: string): string[] => {
  const searched = wordsOf(word)
  return names.filter(({ words }) => words.includes(searched)).map(({ at, name }) => `${at} ${name}`)
}

const namesThatBeginWith = (names: Name[], word: string): string[] => {
  const searched = wordsOf(word)
  return names.filter(({ words }) => words.startsWith(searched)).map(({ at, name }) => `${at} ${name}`)
}

const root = fileURLToPath(new URL('..', import.meta.url))
const paths = FOLDERS.flatMap((folder) =>
  readdirSync(`${root}/${folder}`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath.slice(root.length)}/${entry.name}`.replace(/^\/+/, '')),
)
const names = [
  ...paths.flatMap(namesOfPath),
  ...paths
    .filter((path) => /\.(?:ts|js|mjs)$/.test(path))
    .flatMap((path) => identifiersIn(path, readFileSync(`${root}/${path}`, 'utf8'))),
]

test.each(BANNED)('no name says "%s": say "%s" instead', (word) => expect(namesWith(names, word)).toEqual([]))

test.each(BANNED_AS_FIRST)('no name begins with "%s": say "%s" instead', (word) =>
  expect(namesThatBeginWith(names, word)).toEqual([]),
)

test('no replacement is a banned word itself', () =>
  expect(
    BANNED.filter(([, instead]) => BANNED.some(([word]) => wordsOf(instead).includes(wordsOf(word)))),
  ).toEqual([]))

describe('the check finds what it is for', () => {
  const code = `
    // a seat, a roster
    const text = 'near miss'
    import { inStep as aligned } from './in-step.js'
    class Guarded { #openSeat = 1; behalf() {} }
    const NEAR_MISS = { seat_count: 2, reseated: 3 }
    takeCandidate(mistake)
  `
  const found = identifiersIn('src/a.ts', code)

  test.each([
    ['in step', ['src/a.ts:4 inStep']],
    ['seat', ['src/a.ts:5 #openSeat']],
    ['behalf', ['src/a.ts:5 behalf']],
    ['near miss', ['src/a.ts:6 NEAR_MISS']],
    ['roster', []],
  ])('"%s" among identifiers: %j', (word, expected) => expect(namesWith(found, word)).toEqual(expected))

  test('a verb counts at the beginning of a name only', () =>
    expect(namesThatBeginWith(found, 'take')).toEqual(['src/a.ts:7 takeCandidate']))

  test('folders and files count, and words do not reach from one to the other', () => {
    expect(namesWith(namesOfPath('src/lib/in-step.test.ts'), 'in step')).toEqual([
      'src/lib/in-step.test.ts in-step.test.ts',
    ])
    expect(namesWith(namesOfPath('src/in/step.ts'), 'in step')).toEqual([])
  })

  test('every folder is searched', () => {
    expect(names.length).toBeGreaterThan(5000)
    for (const folder of FOLDERS) expect(names.some(({ at }) => at.startsWith(`${folder}/`))).toBe(true)
  })
})
