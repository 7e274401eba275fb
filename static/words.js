// @ts-check
/** The words of a page in one language. words/en.json has the English ones; docs/languages.md says how to add a language. */

/** Each has a file in words/. */
export const languages = ['ar', 'de', 'en', 'es', 'fr', 'it', 'ja', 'nl', 'pl', 'pt', 'zh']

/** Parts of a file, and a key by which each is recognised. The server cuts them out, since few viewers need more than the first. */
const parts = {
  main: 'tile.play',
  causes: 'cause.camera-busy',
  settings: 'settings.title',
  owner: 'owner.title',
}

/**
 * @typedef {Record<string, string | Record<string, string>>} Table a sentence, or its plural forms (CLDR) by the parameter "count"
 * @typedef {Record<string, string | number | undefined>} Parameters
 */

export class Words {
  language
  /** @type {Table} */
  #table = {}
  /** @type {Map<string, Promise<void>>} */
  #loading = new Map()

  /** @param {string} language one of `languages` */
  constructor(language) {
    this.language = language
  }

  /** Whether the server's sentences are in this language. */
  get isOfServer() {
    return this.language === 'en'
  }

  get direction() {
    return this.#table['language.direction'] === 'rtl' ? 'rtl' : 'ltr'
  }

  /** @param {Table} table */
  add(table) {
    this.#table = { ...this.#table, ...table }
  }

  /** @param {string} key */
  has(key) {
    return Object.hasOwn(this.#table, key)
  }

  /** Rejects when the file cannot be loaded; the next call tries again. @param {keyof typeof parts} part */
  load(part = 'main') {
    const name = part === 'main' ? this.language : `${this.language}.${part}`
    if (this.has(parts[part])) return Promise.resolve()
    const loading = this.#loading.get(name) ?? this.#fetch(name)
    this.#loading.set(name, loading)
    loading.catch(() => this.#loading.delete(name))
    return loading
  }

  /** @param {string} name */
  async #fetch(name) {
    const response = await fetch(new URL(`./words/${name}.json`, import.meta.url))
    if (!response.ok) throw new Error(`${response.url} cannot be loaded: status ${response.status}`)
    this.add(await response.json())
  }

  /** "" before the words are loaded. @param {string} key @param {Parameters} [parameters] */
  text(key, parameters = {}) {
    if (!this.has(key)) return this.has('language.direction') ? key : ''
    const found = this.#table[key] ?? ''
    const sentence = typeof found === 'string' ? found : this.#formOf(found, parameters.count)
    return sentence.replaceAll(/\{(\w+)\}/g, (_, name) => this.#valueOf(parameters[name]))
  }

  /** With Western digits, as measuring instruments have them everywhere. @param {number} value */
  number(value, digits = 0) {
    const format = { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false }
    return new Intl.NumberFormat(`${this.language}-u-nu-latn`, format).format(value)
  }

  /** "a, b and c" @param {readonly string[]} items */
  list(items) {
    return new Intl.ListFormat(this.language).format(items.map((item) => this.#isolated(item)))
  }

  /** @param {Record<string, string>} forms @param {string | number | undefined} count */
  #formOf(forms, count) {
    const form = new Intl.PluralRules(this.language).select(Number(count))
    return forms[form] ?? forms['other'] ?? ''
  }

  /** @param {string | number | undefined} value */
  #valueOf(value = '') {
    return typeof value === 'number' ? this.number(value) : this.#isolated(value)
  }

  /** A name or a path in Latin letters must not reorder a sentence from right to left (Unicode UAX 9). @param {string} text */
  #isolated(text) {
    return this.direction === 'rtl' && text !== '' ? `\u2068${text}\u2069` : text
  }
}

/**
 * The first of these languages that there is: "de-AT" is "de". Pure.
 * @param {readonly (string | null | undefined)[]} wanted by preference
 */
export function languageFor(wanted) {
  const codes = wanted.map((language) => (language ?? '').toLowerCase().split('-')[0] ?? '')
  return codes.find((code) => languages.includes(code)) ?? 'en'
}

/** Writes the words into elements that name them: as their text, their label, or the label that a pointer shows. @param {ParentNode} parent @param {Words} words */
export function fillWords(parent, words) {
  for (const element of parent.querySelectorAll('[data-word], [data-label], [data-hint]')) {
    const { word, label, hint } = /** @type {HTMLElement} */ (element).dataset
    if (word) element.textContent = words.text(word)
    if (label) element.setAttribute('aria-label', words.text(label))
    if (hint) element.setAttribute('title', words.text(hint))
  }
}
