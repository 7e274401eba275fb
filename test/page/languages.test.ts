import { readdirSync, readFileSync } from 'node:fs'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { CONNECT_CAUSE_NAMES } from '../../src/viewer/connecting/connect-causes.js'
import { reasonOfCamera, reasonOfError, reasonOfFailure } from '../../static/reasons.js'
import { languageFor, languages, Words, type Table } from '../../static/words.js'
import { english, tableOf, wordsIn } from './word-tables.js'

const read = (path: string): string => readFileSync(path, 'utf8')
const namesIn = (folder: string, ending: RegExp): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) => `${entry.parentPath}/${entry.name}`)

/** What shows words to people. */
const sources = [
  ...namesIn('static', /\.(?:js|html)$/),
  ...namesIn('src/http', /(?<!\.test)\.ts$/).filter((path) => !path.endsWith('word-files.ts')),
].map((path) => ({ path, text: read(path) }))
const modules = sources.filter(({ path }) => path.startsWith('static/') && path.endsWith('.js'))

const reference = tableOf('en')
const keys = Object.keys(reference)
const areas = new Set(keys.map((key) => key.split('.')[0]))

const formsOf = (value: Table[string]): string[] =>
  typeof value === 'string' ? [value] : Object.values(value)
const parametersOf = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)
const parametersIn = (value: Table[string]): string[] =>
  [...new Set(formsOf(value).flatMap(parametersOf))].sort()

test('each language has a file, and each file is listed', () =>
  expect(
    readdirSync('static/words')
      .map((name) => name.replace('.json', ''))
      .sort(),
  ).toEqual(languages))

describe.each(languages)('%s', (language) => {
  const table = tableOf(language)

  test('has every word and no other', () => {
    const own = Object.keys(table)
    expect({
      missing: keys.filter((key) => !own.includes(key)),
      stray: own.filter((key) => !keys.includes(key)),
    }).toEqual({ missing: [], stray: [] })
    expect(own).toEqual(keys) // in one order, so that translations can be compared
  })

  test('has no empty word, and the parameters of English', () => {
    for (const [key, value] of Object.entries(table)) {
      for (const form of formsOf(value)) expect([key, form.trim()]).toEqual([key, expect.stringMatching(/./)])
      expect([key, parametersIn(value)]).toEqual([key, parametersIn(reference[key]!)])
      expect([key, typeof value]).toEqual([key, typeof reference[key]])
      expect([key, formsOf(value).some((form) => /[{}]{2}|^\s|\s$| {2}/.test(form))]).toEqual([key, false])
    }
  })

  test('has each plural form that a number needs', () => {
    const plurals = new Intl.PluralRules(language)
    const needed = new Set(Array.from({ length: 300 }, (_, count) => plurals.select(count)))
    for (const [key, value] of Object.entries(table))
      if (typeof value !== 'string')
        expect([key, [...needed].filter((form) => !(form in value))]).toEqual([key, []])
  })

  test('names the direction that the page has before the file is loaded', () => {
    const early = new RegExp(/dir = \/(.+?)\/\.test/.exec(read('static/choices.js'))![1]!)
    expect(table['language.direction']).toBe(early.test(language) ? 'rtl' : 'ltr')
  })

  test('is translated', () => {
    const same = keys.filter((key) => JSON.stringify(table[key]) === JSON.stringify(reference[key]))
    const sentences = same.filter((key) =>
      formsOf(reference[key]!).some((text) => text.split(' ').length > 4),
    )
    if (language !== 'en') expect(sentences).toEqual([])
  })
})

describe('the keys', () => {
  const quoted = /['"`]([a-z]+\.[\w.-]*)(['"`]|\$\{)/g
  const used = sources.flatMap(({ path, text }) =>
    [...text.matchAll(quoted)].map(([, key, end]) => ({ path, key: key!, isPrefix: end === '${' })),
  )
  const inHtml = sources.flatMap(({ path, text }) =>
    [...text.matchAll(/\{\{([\w.-]+)\}\}/g)]
      .map(([, key]) => ({ path, key: key!, isPrefix: false }))
      .filter(({ key }) => key.includes('.')),
  )
  const all = [...used.filter(({ key }) => areas.has(key.split('.')[0])), ...inHtml]
  const isKey = (key: string): boolean => key in reference || `${key}-hint` in reference

  test('that are used exist', () => {
    const isKnown = ({ key, isPrefix }: (typeof all)[number]): boolean =>
      isPrefix ? keys.some((one) => one.startsWith(key)) : isKey(key)
    // Names of the configuration are written in the same way.
    const ofConfiguration = /^server\.[a-z-]+$/
    expect(
      all.filter((one) => !isKnown(one) && !ofConfiguration.test(one.key) && !one.key.endsWith('.html')),
    ).toEqual([])
    expect(all.length).toBeGreaterThan(300)
  })

  test('that exist are used', () => {
    const isUsed = (key: string): boolean =>
      all.some((one) => (one.isPrefix ? key.startsWith(one.key) : key === one.key))
    expect(keys.filter((key) => !isUsed(key))).toEqual([])
  })

  test('of causes are those of the server', () => {
    const ofCauses = keys.filter((key) => key.startsWith('connect.')).map((key) => key.slice(8))
    expect(ofCauses.sort()).toEqual(CONNECT_CAUSE_NAMES.flatMap((name) => [name, `${name}-hint`]).sort())
    const documented = read('docs/troubleshooting.md')
    for (const key of keys.filter((one) => one.startsWith('cause.')))
      expect(documented).toContain(`\`${key.slice('cause.'.length)}\``)
  })
})

describe('no words are left', () => {
  /** Three words in a row, or capitalised ones alone. */
  const WORDS = /[a-z]{2,} [a-z]{2,} [a-z]{2,}|^[A-Z][a-z]+(?: [a-z]+)*$/
  /** Names of products, keys of a keyboard and of HTTP. */
  const NAMES =
    /^(?:Mainsail|Fluidd|OctoPrint|Escape|Enter|Tab|Home|End|Baseline|Main|High|Extended|Content-Type|Space .*|Constrained .*|Home Assistant)$/
  /** For developers. */
  const LOGS = /^(?:console\.\w+|this\.#fail|this\.#replaceByJpegs)$/

  const textsIn = (path: string, text: string): string[] => {
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
    const found: string[] = []
    const search = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && LOGS.test(node.expression.getText())) return
      if (ts.isNewExpression(node) && /Error$/.test(node.expression.getText())) return
      if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) found.push(node.text)
      else if (ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) found.push(node.text)
      ts.forEachChild(node, search)
    }
    search(source)
    return found
  }
  const withoutTags = (html: string): string[] =>
    html
      .replaceAll(/<!--[\s\S]*?-->|<(script|style)[\s\S]*?<\/\1>|<[^>]*>/g, '\n')
      .split('\n')
      .map((line) => line.trim())

  test.each(modules.map(({ path, text }) => [path, text] as const))('in %s', (path, text) => {
    const texts = textsIn(path, text).flatMap((one) => (one.includes('<') ? withoutTags(one) : [one]))
    // What a browser or the server reports to developers, or an internal name.
    const isForDevelopers = (one: string): boolean =>
      /^(?:no frame arrived|the camera is not live|the video failed|data arrives)/.test(one) ||
      one.startsWith('gst-launch-1.0')
    expect(texts.filter((one) => WORDS.test(one) && !NAMES.test(one) && !isForDevelopers(one))).toEqual([])
  })

  test.each(['index.html', 'owner.html'])('in %s', (name) => {
    const html = read(`static/${name}`)
    const texts = withoutTags(html).filter((line) => /[a-z]{2}/i.test(line.replaceAll(/\{\{.*?\}\}/g, '')))
    expect(texts).toEqual(name === 'index.html' ? ['rpi-webrtc'] : [])
    expect(html).not.toMatch(/ (?:aria-label|title|alt|placeholder)="[^"]/)
  })

  test('the check finds what it is for', () => {
    const found = textsIn(
      'a.js',
      "x('Try again'); `Saved in ${path}: it is done now`; console.warn('Not this')",
    )
    expect(found.filter((one) => WORDS.test(one))).toEqual(['Try again', ': it is done now'])
  })
})

describe('the words', () => {
  test.each([
    ['de', { count: 1 }, '1 Kamera live'],
    ['de', { count: 3 }, '3 Kameras live'],
    ['pl', { count: 1 }, '1 kamera na żywo'],
    ['pl', { count: 3 }, '3 kamery na żywo'],
    ['pl', { count: 25 }, '25 kamer na żywo'],
    ['ar', { count: 2 }, 'كاميرتان مباشرتان'],
    ['ja', { count: 2 }, '2 台のカメラがライブ'],
  ])('%s has the plural form of %o', (language, parameters, text) =>
    expect(wordsIn(language).text('page.summary.live', parameters)).toBe(text),
  )

  test('numbers and lists are those of the language', () => {
    expect(wordsIn('de').number(2.34, 1)).toBe('2,3')
    expect(wordsIn('ar').number(2.34, 1)).toBe('2.3')
    expect(wordsIn('fr').list(['a', 'b', 'c'])).toBe('a, b et c')
  })

  test('a path does not reorder a sentence from right to left', () =>
    expect(wordsIn('ar').text('settings.saved-in', { path: '/etc/a.toml' })).toContain(
      '\u2068/etc/a.toml\u2069',
    ))

  test('there are none before they are loaded, and a key instead of one that is missing', () => {
    const words = new Words('de')
    expect(words.text('tile.play')).toBe('')
    words.add({ 'language.direction': 'ltr' })
    expect(words.text('tile.play')).toBe('tile.play')
    expect(words.text('constructor')).toBe('constructor')
  })

  test.each([
    [['de-AT', 'en'], 'de'],
    [[null, 'sv', 'pt-BR'], 'pt'],
    [['zh-Hans-CN'], 'zh'],
    [['constructor', ''], 'en'],
    [[], 'en'],
  ])('%j has the language %s', (wanted, language) => expect(languageFor(wanted)).toBe(language))
})

describe('what the server reports', () => {
  const german = wordsIn('de')
  const failure = {
    cause: 'port-forwarding',
    message: 'English',
    hint: 'English',
    parameters: { port: 8189, transports: 'UDP and TCP', addresses: '', publicAddress: '203.0.113.7' },
  }

  test('a failed connection is worded with its parameters', () => {
    const { message, hint, isEnglish } = reasonOfFailure(failure, german)
    expect(message).toBe(
      'Der Router des Servers leitet Port 8189 von 203.0.113.7 nicht an Port 8189 des Servers weiter.',
    )
    expect(hint).toContain('(UDP und TCP)')
    expect(isEnglish).toEqual({ message: false, hint: false })
    expect(reasonOfFailure(failure, english).message).toBe('English')
  })

  test('a camera is worded by its cause, with the hint of the server, which has names and commands', () => {
    const camera = { cause: 'no-device', message: '/dev/video0 does not exist.', hint: 'Use /dev/video2.' }
    expect(reasonOfCamera(camera, german)).toEqual({
      message: 'Das Gerät existiert nicht. Schließen Sie die Kamera an.',
      hint: 'Use /dev/video2.',
      isEnglish: { message: false, hint: true },
    })
    expect(reasonOfCamera(camera, english)).toMatchObject({
      message: '/dev/video0 does not exist.',
      isEnglish: { message: false, hint: false },
    })
  })

  test('an unknown cause or code keeps the sentence of the server', () => {
    const unknown = { cause: 'new', message: 'It is new.', hint: 'Wait.', parameters: {} }
    expect(reasonOfCamera(unknown, german)).toMatchObject({
      message: 'It is new.',
      isEnglish: { message: true },
    })
    expect(reasonOfFailure(unknown, german)).toMatchObject({ message: 'It is new.', hint: 'Wait.' })
    expect(reasonOfError({ code: 'new', message: 'It is new.' }, german)).toMatchObject({
      message: 'It is new.',
    })
  })
})
