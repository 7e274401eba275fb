import { readFileSync } from 'node:fs'
import { Words, type Table } from '../../static/words.js'

/** A whole file of static/words. */
export const tableOf = (language: string): Table =>
  JSON.parse(readFileSync(new URL(`../../static/words/${language}.json`, import.meta.url), 'utf8')) as Table

/** All words of a language, as a page that has loaded every part. */
export function wordsIn(language: string): Words {
  const words = new Words(language)
  words.add(tableOf(language))
  return words
}

export const english = wordsIn('en')
